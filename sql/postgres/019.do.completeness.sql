-- Why a poll is not complete. Absence of an entity is concluded from complete polls only (sql/postgres/measures/judged_poll.sql).

alter table ops.poll add column unidentified int;
alter table ops.poll add column fault varchar;
alter table ops.poll add column incomplete varchar;

-- As for the other columns of polls (015.do.spans.sql). ANALYZE takes as many rows as the column with the most statistics
-- asks for. With more rows, the planner chose slow plans for a day that is joined with itself, after a hundred days.
alter table ops.poll
  alter column unidentified set statistics 30,
  alter column fault set statistics 30,
  alter column incomplete set statistics 30;

-- In days that an earlier version loaded, any quarantined record may be one without a readable id.
update ops.poll set
  unidentified = quarantined,
  incomplete = case
    when complete then null
    when charging_points = 0 then 'empty'
    when quarantined > 0 then 'unreadable_ids'
    else 'shrunk'
  end;

alter table ops.poll alter column unidentified set not null;
alter table ops.poll add check (complete = (incomplete is null));

-- Few polls are incomplete. Coverage counts them by this index.
create index on ops.poll (day, feed) include (incomplete) where incomplete is not null;

comment on column ops.poll.quarantined is 'Number of its records that were quarantined.';
comment on column ops.poll.complete is 'Whether an entity that the poll lacks was absent: incomplete is null.';
comment on column ops.poll.unidentified is 'Number of its records whose id can''t be read, and of the records below them. In days that an earlier version loaded: all quarantined records.';
comment on column ops.poll.fault is 'Why no absence may be concluded from the poll, whatever its counts are. foreign_poll: most of its records belong to another feed. partial: documents of the answer are missing. Null in an ordinary poll.';
comment on column ops.poll.incomplete is 'Why the poll is not complete; null if it is complete. empty: it has no charging point. shrunk: it has less than 80 % of the most charging points that its feed had in the 168 hours before. unreadable_ids: it has more unidentified records than one of the last 144 polls in these hours. Otherwise its fault.';

create or replace view public.coverage as
select
  coverage.day,
  coverage.feed,
  coverage.expected,
  coverage.stored,
  coverage.failed,
  coverage.missed,
  case when coverage.expected > 0 then round(100.0 * coverage.stored / coverage.expected, 1) end as stored_percent,
  coalesce(unfit.polls, 0)::int as incomplete,
  unfit.reasons as incomplete_reasons
from ops.coverage as coverage
left join lateral (
  select
    count(*) as polls,
    string_agg(distinct poll.incomplete, ', ' order by poll.incomplete) as reasons
  from ops.poll as poll
  where poll.day = coverage.day and poll.feed = coverage.feed and poll.incomplete is not null
) as unfit on true;

comment on column public.coverage.incomplete is 'Polls of the day that were loaded and are not complete: no entity is retired because such a poll lacks it.';
comment on column public.coverage.incomplete_reasons is 'Why these polls are not complete, such as empty or shrunk, separated by commas; null if there are none.';

create view public.incomplete_poll as
select
  day,
  feed,
  slot,
  incomplete as reason,
  stations,
  charging_points,
  unidentified
from ops.poll
where incomplete is not null;

comment on view public.incomplete_poll is 'Polls that were loaded and are not complete: no entity is retired because such a poll lacks it.';
comment on column public.incomplete_poll.day is 'The local day of the slot.';
comment on column public.incomplete_poll.feed is 'The feed.';
comment on column public.incomplete_poll.slot is 'The instant that the poll was scheduled for.';
comment on column public.incomplete_poll.reason is 'Why the poll is not complete. empty: it has no charging point. shrunk: it has less than 80 % of the most charging points that its feed had in the 168 hours before. unreadable_ids: it has more records without a readable id than one of the last 144 polls in these hours. foreign_poll: most of its records belong to another feed. partial: documents of the answer are missing.';
comment on column public.incomplete_poll.stations is 'Number of stations in the answer.';
comment on column public.incomplete_poll.charging_points is 'Number of charging points in the answer.';
comment on column public.incomplete_poll.unidentified is 'Number of its records whose id can''t be read, and of the records below them.';

-- Completeness of the latest polls, before they are loaded ---------------------------------------------

alter table public.current_feed add column incomplete varchar;
comment on column public.current_feed.incomplete is 'Why the answer of stored_slot is not complete, as in ops.poll; null if it is complete, or not known.';

create table ops.current_poll (
  feed varchar collate "C" not null,
  slot timestamptz not null,
  charging_points int not null,
  unidentified int not null,
  primary key (feed, slot) include (charging_points, unidentified)
);

comment on table ops.current_poll is 'Counts of the polls of the last days, by which the latest poll of each feed is judged. Polls keep this table.';
comment on column ops.current_poll.feed is 'The feed.';
comment on column ops.current_poll.slot is 'The instant that the poll was scheduled for.';
comment on column ops.current_poll.charging_points is 'Number of charging points in the answer.';
comment on column ops.current_poll.unidentified is 'Number of its records whose id can''t be read, and of the records below them.';

create view ops.recent_poll as
select
  feed,
  slot,
  charging_points,
  unidentified,
  fault
from ops.poll
union all
select
  feed,
  slot,
  charging_points,
  unidentified,
  null
from ops.current_poll as current
where current.slot > coalesce(
  (select max(poll.slot) from ops.poll where poll.feed = current.feed), '-infinity'
);

comment on view ops.recent_poll is 'Counts of all loaded polls, and of later polls of each feed, which are not loaded yet.';
comment on column ops.recent_poll.feed is 'The feed.';
comment on column ops.recent_poll.slot is 'The instant that the poll was scheduled for.';
comment on column ops.recent_poll.charging_points is 'Number of charging points in the answer.';
comment on column ops.recent_poll.unidentified is 'Number of its records whose id can''t be read, and of the records below them.';
comment on column ops.recent_poll.fault is 'Why no absence may be concluded from the poll, whatever its counts are; null in an ordinary poll.';
