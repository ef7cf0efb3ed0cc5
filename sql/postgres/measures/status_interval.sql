-- Derive the status periods: a period lasts while a charging point is observed in each slot with the same status.
-- An observation is valid from its slot to the next slot of its feed's interval, never longer. The statements read the
-- status spans of the load in staging.
--
-- Redshift has a file of its own, because it has no named windows, no FILTER, and no defaults of lag() and lead().
truncate new_status_interval;

insert into new_status_interval (id_cp, start_at, end_at, status, interval_minutes)
with held as (
  select
    feed,
    since,
    lead(since, 1, 'infinity') over (partition by feed order by since) as until,
    interval_minutes
  from new_feed_interval
), polled as (
  select
    poll.feed,
    poll.slot,
    held.interval_minutes,
    lag(poll.slot + make_interval(mins => held.interval_minutes)) over feed_polls as held_until,
    lag(held.interval_minutes) over feed_polls as interval_before
  from new_poll as poll
  left join held on held.feed = poll.feed and held.since <= poll.slot and held.until > poll.slot
  window feed_polls as (partition by poll.feed order by poll.slot)
), numbered as (
  select
    *,
    count(*) filter (where slot > held_until or interval_minutes <> interval_before) over (
      partition by feed order by slot
    ) as number
  from polled
), stretch as (
  -- Ranges of slots in which a feed was polled in every slot. A span that covers the polls of such a range covers all
  -- its time.
  select
    feed,
    min(slot) as first_slot,
    max(slot) as last_slot,
    interval_minutes
  from numbered
  group by feed, number, interval_minutes
), observed as (
  select
    span.id_chargingpoint as id_cp,
    greatest(span.first_slot, stretch.first_slot) as start_at,
    least(span.last_slot, stretch.last_slot) + make_interval(mins => stretch.interval_minutes) as end_at,
    span.status_cp as status,
    stretch.interval_minutes
  from new_charging_point_status_span as span
  join stretch
    on
      stretch.feed = span.feed
      and stretch.first_slot <= span.last_slot
      and stretch.last_slot >= span.first_slot
  union all
  -- An addition also reads the published intervals of its day. If the day is published again before the addition, the
  -- addition is refused.
  select id_cp, start_at, end_at, status, interval_minutes
  from status_interval
  where day = :day and :is_addition
), compared as (
  select
    *,
    lag(status) over point_time as status_before,
    lag(end_at) over point_time as end_before,
    lag(interval_minutes) over point_time as interval_before,
    lead(start_at) over point_time is null as is_last
  from observed
  window point_time as (partition by id_cp order by start_at)
), edge as (
  -- Keep only observations that begin an interval, which are few, and the last one of each charging point. The next
  -- window function reads only these.
  select
    id_cp,
    start_at,
    status,
    is_start,
    case when is_start then least(end_before, start_at) else end_at end as until,
    case when is_start then interval_before else interval_minutes end as until_interval,
    end_at,
    interval_minutes
  from compared
  cross join lateral (
    select status_before is distinct from status or end_before < start_at as is_start
  ) as judged
  where is_start or is_last
), held_status as (
  select
    id_cp,
    start_at,
    lead(until, 1, end_at) over point_time as end_at,
    status,
    lead(until_interval, 1, interval_minutes) over point_time as interval_minutes,
    is_start
  from edge
  window point_time as (partition by id_cp order by start_at)
)
select id_cp, start_at, end_at, status, interval_minutes
from held_status
where is_start;

analyze new_status_interval;
