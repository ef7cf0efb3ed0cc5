-- What is now: the latest poll's statuses, and how every feed is. Polls keep these tables, no load writes them.

create table public.current_status (
  id_cp varchar collate "C" primary key,
  feed varchar collate "C" not null,
  status varchar collate "C" not null,
  since timestamptz not null,
  since_cut varchar check (since_cut in ('gap', 'edge')),
  slot timestamptz not null,
  interval_minutes int not null check (interval_minutes > 0),
  check (since <= slot)
) with (fillfactor = 50); -- Every row is new with every slot: so it finds room on its own page, and no index changes.

comment on table public.current_status is 'Measure: the status of each charging point in the latest poll that showed it, and since when.';
comment on column public.current_status.id_cp is 'The charging point. One that was never loaded yet has no row in charging_point.';
comment on column public.current_status.feed is 'The feed that showed it.';
comment on column public.current_status.status is 'Status as the feed gave it.';
comment on column public.current_status.since is 'The first slot with that status, over missing slots that events bridge too.';
comment on column public.current_status.since_cut is 'Where the status may have begun earlier: gap, since slots are missing before, or edge, since nothing was observed before. Else null.';
comment on column public.current_status.slot is 'The last slot that showed it: what it says is as old as that.';
comment on column public.current_status.interval_minutes is 'Minutes to the next slot.';

create table public.current_feed (
  feed varchar collate "C" primary key,
  slot timestamptz not null,
  outcome varchar not null check (outcome in ('stored', 'failed', 'missed')),
  reason varchar,
  stored_slot timestamptz,
  charging_points int,
  interval_minutes int not null check (interval_minutes > 0)
) with (fillfactor = 50);

comment on table public.current_feed is 'What became of the latest poll of each feed.';
comment on column public.current_feed.feed is 'The feed.';
comment on column public.current_feed.slot is 'The last slot in which it was to be polled.';
comment on column public.current_feed.outcome is 'What became of that. stored: there is a good answer. failed: a wrong answer was kept. missed: there was none.';
comment on column public.current_feed.reason is 'Why it is not stored, such as refused, timeout, http_500 or paused; null where it is.';
comment on column public.current_feed.stored_slot is 'The last slot with a good answer; null where there was none yet.';
comment on column public.current_feed.charging_points is 'Charging points whose status that answer showed.';
comment on column public.current_feed.interval_minutes is 'Minutes to the next slot.';

-- What was loaded before polls kept anything.
insert into public.current_status (id_cp, feed, status, since, since_cut, slot, interval_minutes)
select
  point.id_cp,
  point.feed,
  event.status,
  event.start_at,
  event.start_cut,
  event.end_at - make_interval(mins => event.interval_minutes),
  event.interval_minutes
from public.charging_point as point
cross join lateral (
  select *
  from public.status_event as event
  where event.id_cp = point.id_cp
  order by event.start_at desc
  limit 1
) as event;

create index on public.charging_station (lower(city));
create index on public.charging_station (latitude, longitude);
