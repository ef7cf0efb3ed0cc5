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
-- Redshift has a file of its own, because it can neither find neighbours by index nor update rows in place.

update new_status_interval set end_at = :day_end where end_at > :day_end;

-- The parameters are in a table, so that the planner does not know the day. For a known day without statistics, the
-- planner would assume that the day has one status period.
create temp table publishing on commit drop as
select
  :day::date as day,
  :day_start as day_start,
  :day_end as day_end,
  :near_start as near_start,
  :near_end as near_end;

-- Events that may change, in full length, with their observed minutes on the published day.
create temp table near_event on commit drop as
select
  event.*,
  coalesce(event.start_at = earlier.start_at, false) as is_earlier,
  coalesce(event.start_at = later.start_at, false) as is_later,
  coalesce((
    select sum(extract(epoch from status_interval.end_at - status_interval.start_at) / 60)
    from status_interval
    where
      status_interval.id_cp = event.id_cp
      and status_interval.day = publishing.day
      and status_interval.start_at >= event.start_at
      and status_interval.start_at < event.end_at
  ), 0)::int as minutes_of_day
from publishing
cross join (
  select id_cp from status_interval where day = (select day from publishing)
  union
  select id_cp from new_status_interval
) as touched
left join lateral (
  select start_at
  from status_event as event
  where
    event.id_cp = touched.id_cp
    and event.start_at < publishing.day_start
    and event.end_at < publishing.near_start
  order by event.start_at desc
  limit 1
) as earlier on true
left join lateral (
  select start_at
  from status_event as event
  where event.id_cp = touched.id_cp and event.start_at > publishing.near_end
  order by event.start_at
  limit 1
) as later on true
join status_event as event
  on
    event.id_cp = touched.id_cp
    and event.start_at >= coalesce(earlier.start_at, '-infinity')
    and event.start_at <= coalesce(later.start_at, 'infinity');

-- Pieces of these events: the time before the day and the time after the day are one piece each. The minutes of the
-- days before are summed again only for an event with pieces on both sides of the day.
create temp table event_piece on commit drop as
select
  event.id_cp,
  event.start_at,
  piece.end_at,
  event.status,
  piece.interval_minutes,
  case
    when event.end_at > publishing.day_end then (
      select sum(extract(epoch from status_interval.end_at - status_interval.start_at) / 60)
      from status_interval
      where
        status_interval.id_cp = event.id_cp and status_interval.start_at >= event.start_at and status_interval.start_at < publishing.day_start
    )
    else event.observed_minutes - event.minutes_of_day
  end::int as observed_minutes,
  event.is_earlier,
  false as is_later,
  event.status_before,
  null::varchar as status_after,
  event.start_cut,
  null::varchar as end_cut
from near_event as event
cross join publishing
cross join lateral (
  select status_interval.end_at, status_interval.interval_minutes
  from status_interval
  where status_interval.id_cp = event.id_cp and status_interval.start_at < publishing.day_start
  order by status_interval.start_at desc
  limit 1
) as piece
where event.start_at < publishing.day_start and event.end_at > publishing.day_start
union all
select
  id_cp,
  event.start_at,
  event.end_at,
  status,
  interval_minutes,
  observed_minutes,
  is_earlier,
  is_later,
  status_before,
  status_after,
  start_cut,
  end_cut
from near_event as event
cross join publishing
where event.end_at <= publishing.day_start or event.start_at >= publishing.day_end
union all
select
  id_cp,
  start_at,
  end_at,
  status,
  interval_minutes,
  (extract(epoch from end_at - start_at) / 60)::int,
  false,
  false,
  null,
  null,
  null,
  null
from new_status_interval;

insert into event_piece
select
  event.id_cp,
  piece.start_at,
  event.end_at,
  event.status,
  event.interval_minutes,
  event.observed_minutes - event.minutes_of_day - coalesce(before.observed_minutes, 0),
  false,
  event.is_later,
  null,
  event.status_after,
  null,
  event.end_cut
from near_event as event
cross join publishing
cross join lateral (
  select status_interval.start_at
  from status_interval
  where status_interval.id_cp = event.id_cp and status_interval.start_at >= publishing.day_end
  order by status_interval.start_at
  limit 1
) as piece
left join event_piece as before on before.id_cp = event.id_cp and before.start_at = event.start_at and event.start_at < publishing.day_start
where event.start_at < publishing.day_end and event.end_at > publishing.day_end;

create temp table made_event on commit drop as
with linked as (
  select
    piece.*,
    lag(status) over point_pieces as earlier_status,
    lag(end_at) over point_pieces as earlier_end,
    lead(status) over point_pieces as later_status,
    lead(start_at) over point_pieces as later_start,
    coalesce(
      start_at <= lag(end_at + :bridged_slots * make_interval(mins => interval_minutes)) over point_pieces, false
    ) as is_linked,
    coalesce(
      lead(start_at) over point_pieces <= end_at + :bridged_slots * make_interval(mins => interval_minutes), false
    ) as links
  from event_piece as piece
  window point_pieces as (partition by id_cp order by start_at)
), numbered as (
  select
    *,
    count(*) filter (where not is_linked or earlier_status <> status) over (
      partition by id_cp order by start_at
    ) as number
  from linked
), first_and_last as (
  select
    *,
    row_number() over (partition by id_cp, number order by start_at) = 1 as is_first,
    row_number() over (partition by id_cp, number order by start_at desc) = 1 as is_last
  from numbered
)
select
  id_cp,
  min(start_at) as start_at,
  max(end_at) as end_at,
  sum(observed_minutes)::int as observed_minutes,
  max(interval_minutes) filter (where is_last) as interval_minutes,
  status,
  max(case when is_earlier then status_before when is_linked then earlier_status end) filter (where is_first) as status_before,
  max(case when is_later then status_after when links then later_status end) filter (where is_last) as status_after,
  max(case
    when is_earlier then start_cut
    when not is_linked then case when earlier_end is null then 'edge' else 'gap' end
  end) filter (where is_first) as start_cut,
  max(case
    when is_later then end_cut
    when not links then case when later_start is null then 'edge' else 'gap' end
  end) filter (where is_last) as end_cut
from first_and_last
group by id_cp, number, status;

delete from status_event using near_event
where
  status_event.id_cp = near_event.id_cp
  and status_event.start_at = near_event.start_at
  and not exists (
    select from made_event
    where made_event.id_cp = near_event.id_cp and made_event.start_at = near_event.start_at
  );

insert into status_event as old (
  id_cp, start_at, end_at, day, observed_minutes, interval_minutes, status,
  status_before, status_after, start_cut, end_cut
)
select
  id_cp,
  made_event.start_at,
  made_event.end_at,
  (made_event.start_at at time zone :time_zone)::date,
  observed_minutes,
  interval_minutes,
  status,
  status_before,
  status_after,
  start_cut,
  end_cut
from made_event
on conflict (id_cp, start_at) do update set
  end_at = excluded.end_at,
  day = excluded.day,
  observed_minutes = excluded.observed_minutes,
  interval_minutes = excluded.interval_minutes,
  status = excluded.status,
  status_before = excluded.status_before,
  status_after = excluded.status_after,
  start_cut = excluded.start_cut,
  end_cut = excluded.end_cut
where
  (
    old.end_at, old.day, old.observed_minutes, old.interval_minutes, old.status,
    old.status_before, old.status_after, old.start_cut, old.end_cut
  ) is distinct from (
    excluded.end_at, excluded.day, excluded.observed_minutes, excluded.interval_minutes, excluded.status,
    excluded.status_before, excluded.status_after, excluded.start_cut, excluded.end_cut
  );

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

drop table publishing, near_event, event_piece, made_event;
