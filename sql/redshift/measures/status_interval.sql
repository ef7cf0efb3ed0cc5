-- Derive the status periods: a period lasts while a charging point is observed in each slot with the same status.
-- An observation is valid from its slot to the next slot of its feed's interval, never longer. The statements read the
-- status spans of the load in staging.
--
-- The file for Postgres uses named windows, FILTER, and defaults of lag(), which Redshift does not have. In this file,
-- each step is one pass over the rows of each charging point in order.
delete from new_status_interval;

insert into new_status_interval (id_cp, start_at, end_at, status, interval_minutes)
with held as (
  select
    feed,
    since,
    lead(since) over (partition by feed order by since) as until,
    interval_minutes
  from new_feed_interval
), polled as (
  select
    poll.feed,
    poll.slot,
    held.interval_minutes,
    lag(poll.slot) over (partition by poll.feed order by poll.slot) as slot_before,
    lag(held.interval_minutes) over (partition by poll.feed order by poll.slot) as interval_before
  from new_poll as poll
  left join held
    on held.feed = poll.feed and held.since <= poll.slot and (held.until is null or held.until > poll.slot)
), flagged as (
  select
    feed,
    slot,
    interval_minutes,
    case
      when slot > dateadd(minute, interval_before, slot_before at time zone 'UTC') at time zone 'UTC' then 1
      when interval_minutes <> interval_before then 1
      else 0
    end as begins
  from polled
), stretched as (
  select
    feed,
    slot,
    interval_minutes,
    sum(begins) over (partition by feed order by slot rows unbounded preceding) as number
  from flagged
), stretch as (
  -- Ranges of slots in which a feed was polled in every slot. A span that covers the polls of such a range covers all
  -- its time.
  select
    feed,
    min(slot) as first_slot,
    max(slot) as last_slot,
    interval_minutes
  from stretched
  group by feed, number, interval_minutes
), observed as (
  select
    span.id_chargingpoint as id_cp,
    greatest(span.first_slot, stretch.first_slot) as start_at,
    dateadd(
      minute, stretch.interval_minutes, least(span.last_slot, stretch.last_slot) at time zone 'UTC'
    ) at time zone 'UTC' as end_at,
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
  select
    id_cp,
    start_at,
    end_at,
    status,
    interval_minutes
  from status_interval
  where day = :day and :is_addition
), compared as (
  select
    id_cp,
    start_at,
    end_at,
    status,
    interval_minutes,
    lead(start_at) over (partition by id_cp order by start_at) as later_start,
    case
      when
        lag(status) over (partition by id_cp order by start_at) = status
        and lag(end_at) over (partition by id_cp order by start_at) >= start_at
        then 0
      else 1
    end as begins
  from observed
), numbered as (
  select
    id_cp,
    start_at,
    least(end_at, later_start) as end_at,
    status,
    interval_minutes,
    sum(begins) over (partition by id_cp order by start_at rows unbounded preceding) as number,
    case when lead(begins) over (partition by id_cp order by start_at) = 0 then 0 else 1 end as is_last
  from compared
)
select
  id_cp,
  min(start_at),
  max(end_at),
  status,
  max(case when is_last = 1 then interval_minutes end)
from numbered
group by id_cp, number, status;
