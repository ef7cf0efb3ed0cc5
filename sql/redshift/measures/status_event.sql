-- Derive the events that a day changes.
--
-- An event is the time in which a charging point had one status, also over midnight and over a few missing slots. It
-- consists of consecutive status periods. Each period begins when the previous period ends, or at most :bridged_slots
-- slots later. Therefore events depend only on the status periods of all days, and not on the order in which days are
-- published.
--
-- A day changes the events that touch the day, or that are at most :bridged_slots slots away from the day. Of the
-- events next to these, a day changes only the cut, which is the reason why their start or end was not observed.
--
-- The file for Postgres finds neighbours by index and updates rows in place. Redshift has neither LATERAL nor ON
-- CONFLICT, and is fastest if each step is one pass over rows on one slice. The statements read the ids and times of
-- all events of the day's charging points. They select the status periods of the days around the day by constants, because
-- status periods are sorted by day.

update new_status_interval set end_at = :day_end where end_at > :day_end;

create temp table touched_point distkey (id_cp) as
select id_cp from status_interval where day = :day
union
select id_cp from new_status_interval;

-- Events that may change (side 1), with their observed minutes on the published day. Of the events next to these,
-- before (side 0) and after (side 2), only the cut may change.
create temp table near_event distkey (id_cp) as
with bound as (
  select
    event.id_cp,
    max(case when event.end_at < :near_start then event.start_at end) as earlier,
    min(case when event.start_at > :near_end then event.start_at end) as later
  from status_event as event
  join touched_point on touched_point.id_cp = event.id_cp
  group by event.id_cp
), near as (
  select
    event.id_cp,
    event.start_at,
    event.end_at,
    event.day,
    event.observed_minutes,
    event.interval_minutes,
    event.status,
    event.status_before,
    event.status_after,
    event.start_cut,
    event.end_cut,
    case when event.start_at = bound.earlier then 0 when event.start_at = bound.later then 2 else 1 end as side
  from status_event as event
  join bound on bound.id_cp = event.id_cp
  where
    (bound.earlier is null or event.start_at >= bound.earlier)
    and (bound.later is null or event.start_at <= bound.later)
), of_day as (
  select
    near.id_cp,
    near.start_at,
    sum((extract(epoch from status_interval.end_at) - extract(epoch from status_interval.start_at)) / 60) as minutes
  from near
  join status_interval
    on status_interval.id_cp = near.id_cp and status_interval.start_at >= near.start_at and status_interval.start_at < near.end_at
  where status_interval.day = :day
  group by near.id_cp, near.start_at
)
select
  near.id_cp,
  near.start_at,
  near.end_at,
  near.day,
  near.observed_minutes,
  near.interval_minutes,
  near.status,
  near.status_before,
  near.status_after,
  near.start_cut,
  near.end_cut,
  near.side,
  coalesce(of_day.minutes, 0)::int as minutes_of_day
from near
left join of_day on of_day.id_cp = near.id_cp and of_day.start_at = near.start_at;

-- Last status period before the day, for events that begin before the day and continue on it.
create temp table part_before distkey (id_cp) as
with placed as (
  select
    status_interval.id_cp,
    status_interval.end_at,
    status_interval.interval_minutes,
    row_number() over (partition by status_interval.id_cp order by status_interval.start_at desc) as place
  from near_event as event
  join status_interval on status_interval.id_cp = event.id_cp
  where
    event.start_at < :day_start
    and event.end_at > :day_start
    and status_interval.day >= :first_day_near
    and status_interval.day < :day
)
select
  id_cp,
  end_at,
  interval_minutes
from placed
where place = 1;

-- First day of the events that begin before the day and end after it; the day itself if there are no such events.
select coalesce(to_char(min(day), 'YYYY-MM-DD'), :day) as first_day
from near_event
where start_at < :day_start and end_at > :day_end;

-- Observed minutes before the day, for events that begin before the day and end after it. Only these are summed again.
create temp table minutes_before distkey (id_cp) as
select
  event.id_cp,
  sum((extract(epoch from status_interval.end_at) - extract(epoch from status_interval.start_at)) / 60)::int as minutes
from near_event as event
join status_interval on status_interval.id_cp = event.id_cp and status_interval.start_at >= event.start_at
where
  event.start_at < :day_start
  and event.end_at > :day_end
  and status_interval.day >= :first_day
  and status_interval.day < :day
group by event.id_cp;

-- Pieces of events: of each published event, the pieces before and after the replaced day; and the new status periods of the
-- day.
create temp table event_piece distkey (id_cp) as
with part_behind as (
  select
    event.id_cp,
    min(status_interval.start_at) as start_at
  from near_event as event
  join status_interval on status_interval.id_cp = event.id_cp
  where
    event.start_at < :day_end
    and event.end_at > :day_end
    and status_interval.day > :day
    and status_interval.day <= :last_day_near
  group by event.id_cp
)
select
  event.id_cp,
  event.start_at,
  part_before.end_at,
  event.status,
  part_before.interval_minutes,
  case
    when event.end_at > :day_end then minutes_before.minutes
    else event.observed_minutes - event.minutes_of_day
  end as observed_minutes,
  event.side,
  event.status_before,
  event.status_after,
  event.start_cut,
  event.end_cut
from near_event as event
join part_before on part_before.id_cp = event.id_cp
left join minutes_before on minutes_before.id_cp = event.id_cp
where event.start_at < :day_start and event.end_at > :day_start
union all
select
  event.id_cp,
  event.start_at,
  event.end_at,
  event.status,
  event.interval_minutes,
  event.observed_minutes,
  event.side,
  event.status_before,
  event.status_after,
  event.start_cut,
  event.end_cut
from near_event as event
where event.end_at <= :day_start or event.start_at >= :day_end
union all
select
  event.id_cp,
  part_behind.start_at,
  event.end_at,
  event.status,
  event.interval_minutes,
  event.observed_minutes - event.minutes_of_day
  - case when event.start_at < :day_start then minutes_before.minutes else 0 end,
  event.side,
  event.status_before,
  event.status_after,
  event.start_cut,
  event.end_cut
from near_event as event
join part_behind on part_behind.id_cp = event.id_cp
left join minutes_before on minutes_before.id_cp = event.id_cp
where event.start_at < :day_end and event.end_at > :day_end
union all
select
  status_interval.id_cp,
  status_interval.start_at,
  status_interval.end_at,
  status_interval.status,
  status_interval.interval_minutes,
  ((extract(epoch from status_interval.end_at) - extract(epoch from status_interval.start_at)) / 60)::int,
  1,
  null::varchar(256),
  null::varchar(256),
  null::varchar(32),
  null::varchar(32)
from new_status_interval as status_interval;

-- Events of these pieces.
create temp table made_event distkey (id_cp) as
with reaching as (
  select
    id_cp,
    start_at,
    end_at,
    status,
    interval_minutes,
    observed_minutes,
    side,
    status_before,
    status_after,
    start_cut,
    end_cut,
    dateadd(minute, :bridged_slots * interval_minutes, end_at at time zone 'UTC') at time zone 'UTC' as reached
  from event_piece
), neighboured as (
  select
    id_cp,
    start_at,
    end_at,
    status,
    interval_minutes,
    observed_minutes,
    side,
    status_before,
    status_after,
    start_cut,
    end_cut,
    lag(status) over (partition by id_cp order by start_at) as earlier_status,
    lag(end_at) over (partition by id_cp order by start_at) as earlier_end,
    lead(status) over (partition by id_cp order by start_at) as later_status,
    lead(start_at) over (partition by id_cp order by start_at) as later_start,
    case when start_at <= lag(reached) over (partition by id_cp order by start_at) then 1 else 0 end as is_linked,
    case when lead(start_at) over (partition by id_cp order by start_at) <= reached then 1 else 0 end as links
  from reaching
), numbered as (
  select
    id_cp,
    start_at,
    end_at,
    status,
    interval_minutes,
    observed_minutes,
    case when side = 0 then status_before when is_linked = 1 then earlier_status end as status_before,
    case when side = 2 then status_after when links = 1 then later_status end as status_after,
    case
      when side = 0 then start_cut
      when is_linked = 0 then case when earlier_end is null then 'edge' else 'gap' end
    end as start_cut,
    case
      when side = 2 then end_cut
      when links = 0 then case when later_start is null then 'edge' else 'gap' end
    end as end_cut,
    sum(case when is_linked = 1 and earlier_status = status then 0 else 1 end)
      over (partition by id_cp order by start_at rows unbounded preceding) as number
  from neighboured
), placed as (
  select
    id_cp,
    start_at,
    end_at,
    status,
    interval_minutes,
    observed_minutes,
    status_before,
    status_after,
    start_cut,
    end_cut,
    number,
    row_number() over (partition by id_cp, number order by start_at) as from_first,
    row_number() over (partition by id_cp, number order by start_at desc) as from_last
  from numbered
)
select
  id_cp,
  min(start_at) as start_at,
  max(end_at) as end_at,
  (min(start_at) at time zone :time_zone)::date as day,
  sum(observed_minutes)::int as observed_minutes,
  max(case when from_last = 1 then interval_minutes end) as interval_minutes,
  status,
  max(case when from_first = 1 then status_before end)::varchar(256) as status_before,
  max(case when from_last = 1 then status_after end)::varchar(256) as status_after,
  max(case when from_first = 1 then start_cut end)::varchar(32) as start_cut,
  max(case when from_last = 1 then end_cut end)::varchar(32) as end_cut
from placed
group by id_cp, number, status;

-- Check the conditions that keys and CHECK constraints enforce for events on Postgres.
with made as (
  select
    start_at,
    end_at,
    observed_minutes,
    status_before,
    status_after,
    start_cut,
    end_cut,
    lead(start_at) over (partition by id_cp order by start_at) as later_start
  from made_event
)
select
  'the day is not published, because ' || cast(count(*) as varchar(32))
  || ' of its events overlap or have a wrong time, status or cut. Load the day again with "ladepuls load --from DAY". '
  || 'If that fails too, report this message as a defect of Ladepuls.'
  as refusal
from made
where
  end_at <= start_at
  or later_start < end_at
  or observed_minutes is null
  or observed_minutes <= 0
  or (status_before is null and start_cut is null)
  or (status_before is not null and start_cut is not null)
  or (status_after is null and end_cut is null)
  or (status_after is not null and end_cut is not null)
having count(*) > 0;

-- Most events around the day do not change, and are not written again.
create temp table same_event distkey (id_cp) as
select
  near_event.id_cp,
  near_event.start_at
from near_event
join made_event as made on made.id_cp = near_event.id_cp and made.start_at = near_event.start_at
where
  near_event.end_at = made.end_at
  and near_event.observed_minutes = made.observed_minutes
  and near_event.interval_minutes = made.interval_minutes
  and near_event.status = made.status
  and coalesce(near_event.status_before, '') = coalesce(made.status_before, '')
  and coalesce(near_event.status_after, '') = coalesce(made.status_after, '')
  and coalesce(near_event.start_cut, '') = coalesce(made.start_cut, '')
  and coalesce(near_event.end_cut, '') = coalesce(made.end_cut, '');

delete from near_event using same_event
where near_event.id_cp = same_event.id_cp and near_event.start_at = same_event.start_at;

delete from made_event using same_event
where made_event.id_cp = same_event.id_cp and made_event.start_at = same_event.start_at;

delete from status_event using near_event
where status_event.id_cp = near_event.id_cp and status_event.start_at = near_event.start_at;

insert into status_event (
  id_cp, start_at, end_at, day, observed_minutes, interval_minutes, status,
  status_before, status_after, start_cut, end_cut
)
select
  id_cp,
  start_at,
  end_at,
  day,
  observed_minutes,
  interval_minutes,
  status,
  status_before,
  status_after,
  start_cut,
  end_cut
from made_event;

drop table touched_point;
drop table near_event;
drop table part_before;
drop table minutes_before;
drop table event_piece;
drop table made_event;
drop table same_event;

delete from status_interval where day = :day;

insert into status_interval (day, id_cp, start_at, end_at, status, interval_minutes)
select
  :day::date,
  id_cp,
  start_at,
  end_at,
  status,
  interval_minutes
from new_status_interval;
