-- How long a status lasted: intervals of each day, and events over all days.

-- People's own tables: a rebuild leaves them alone, and makes them where they are not there.
create schema if not exists config;

comment on schema config is 'What people decide, and no feed says: it is applied when it is read, so that an edit holds for the whole past.';

do $$
begin
  if to_regclass('config.status_group') is null then
    create table config.status_group (
      status varchar collate "C" primary key,
      status_group varchar not null check (status_group in ('available', 'occupied', 'out_of_service', 'unknown')),
      is_charging boolean not null
    );
    comment on table config.status_group is 'What each status of a feed stands for. A status that is not in here is unknown.';
    comment on column config.status_group.status is 'Status as the feeds give it.';
    comment on column config.status_group.status_group is 'available, occupied, out_of_service or unknown.';
    comment on column config.status_group.is_charging is 'Whether a vehicle is being charged.';
    insert into config.status_group (status, status_group, is_charging) values
      ('AVAILABLE', 'available', false),
      ('CHARGING', 'occupied', true),
      ('RESERVED', 'occupied', false),
      ('BLOCKED', 'occupied', false),
      ('OUTOFORDER', 'out_of_service', false),
      ('INOPERATIVE', 'out_of_service', false),
      ('UNKNOWN', 'unknown', false);
  end if;
end
$$;

create table ops.feed_interval (
  day date not null,
  feed varchar collate "C" not null,
  since timestamptz not null,
  interval_minutes int not null check (interval_minutes > 0),
  primary key (day, feed, since)
);

comment on table ops.feed_interval is 'How often a feed was to be polled on a day, from when on.';
comment on column ops.feed_interval.day is 'The local day.';
comment on column ops.feed_interval.feed is 'The feed.';
comment on column ops.feed_interval.since is 'From this slot on; -infinity for the first of the day.';
comment on column ops.feed_interval.interval_minutes is 'Minutes between two slots; where several collectors polled it, the least.';

create table ops.status_interval (
  day date not null,
  id_cp varchar collate "C" not null,
  start_at timestamptz not null,
  end_at timestamptz not null,
  status varchar collate "C" not null,
  interval_minutes int not null,
  primary key (id_cp, start_at),
  check (end_at > start_at)
);

create index on ops.status_interval (day);

comment on table ops.status_interval is 'Stretches of a day in which a charging point was observed in every slot, and always with one status.';
comment on column ops.status_interval.day is 'The local day.';
comment on column ops.status_interval.id_cp is 'The charging point.';
comment on column ops.status_interval.start_at is 'The first slot with the status.';
comment on column ops.status_interval.end_at is 'The end of the last one: an observation holds to the next slot, never longer.';
comment on column ops.status_interval.status is 'Status as the feed gave it.';
comment on column ops.status_interval.interval_minutes is 'Minutes between two slots, at the end.';

create table public.status_event (
  id_cp varchar collate "C" not null,
  start_at timestamptz not null,
  end_at timestamptz not null,
  day date not null,
  observed_minutes int not null,
  interval_minutes int not null,
  status varchar collate "C" not null,
  status_before varchar collate "C",
  status_after varchar collate "C",
  start_cut varchar,
  end_cut varchar,
  primary key (id_cp, start_at),
  check (end_at > start_at),
  check ((status_before is null) = (start_cut is not null)),
  check ((status_after is null) = (end_cut is not null))
);

create index on public.status_event (day);

comment on table public.status_event is 'Measure: a charging point had one status from start to end, over midnight too; up to two missing slots are bridged.';
comment on column public.status_event.id_cp is 'The charging point.';
comment on column public.status_event.start_at is 'The first slot with the status.';
comment on column public.status_event.end_at is 'The end of the last one: an observation holds to the next slot, never longer.';
comment on column public.status_event.day is 'The local day of the start, to which the event belongs.';
comment on column public.status_event.observed_minutes is 'Minutes of it that were observed; the others are those of bridged slots.';
comment on column public.status_event.interval_minutes is 'Minutes between two slots, at the end: start and end are known that exactly.';
comment on column public.status_event.status is 'Status as the feed gave it.';
comment on column public.status_event.status_before is 'The status before it; null where nobody looked.';
comment on column public.status_event.status_after is 'The status after it; null where nobody looked.';
comment on column public.status_event.start_cut is 'Where the status may have begun earlier: gap, since slots are missing before, or edge, since nothing was observed before. Else null.';
comment on column public.status_event.end_cut is 'Where the status may have lasted longer: gap, since slots are missing behind, or edge, since nothing was observed since. Else null.';

create view public.charging_event as
select
  event.id_cp,
  event.start_at,
  event.end_at,
  event.day,
  (extract(epoch from event.end_at - event.start_at) / 60)::int as duration_minutes,
  (extract(epoch from event.end_at - event.start_at) / 60)::int - event.observed_minutes as unobserved_minutes,
  event.status_before,
  event.status_after,
  event.start_cut,
  event.end_cut
from public.status_event as event
join config.status_group as meaning using (status)
where meaning.is_charging;

comment on view public.charging_event is 'Measure: a vehicle was charged, from the first slot that showed it to the end of the last one.';
comment on column public.charging_event.id_cp is 'The charging point.';
comment on column public.charging_event.start_at is 'The first slot that showed it.';
comment on column public.charging_event.end_at is 'The end of the last one.';
comment on column public.charging_event.day is 'The local day of the start, to which the event belongs.';
comment on column public.charging_event.duration_minutes is 'Minutes from start to end.';
comment on column public.charging_event.unobserved_minutes is 'Minutes of these that nobody observed, in slots that are bridged.';
comment on column public.charging_event.status_before is 'The status before it; null where nobody looked.';
comment on column public.charging_event.status_after is 'The status after it; null where nobody looked.';
comment on column public.charging_event.start_cut is 'gap or edge, where it may have begun earlier; else null.';
comment on column public.charging_event.end_cut is 'gap or edge, where it may have lasted longer; else null.';

do $$
begin
  if exists (select from pg_roles where rolname = 'ladepuls_reader') then
    grant usage on schema config to ladepuls_reader;
    grant select on all tables in schema config to ladepuls_reader;
    alter default privileges in schema config grant select on tables to ladepuls_reader;
  end if;
end
$$;
