-- Stretches in which a charging point was observed in every slot, and always with one status. An observation holds
-- from its slot to the next one of its feed's interval, never longer. Reads what a load has copied aside; an addition
-- goes on with the intervals that are published of its day, which is $1, and null for any other load.
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
    run.id_cp,
    greatest(run.first_slot, held.since) as since,
    least(run.last_slot + interval '1 microsecond', held.until) as until,
    held.interval_minutes
  from new_charging_point_run as run
  left join held on held.feed = run.feed and held.since <= run.last_slot and held.until > run.first_slot
), observed as (
  select
    fact.id_chargingpoint as id_cp,
    fact.slot as start_at,
    fact.slot + make_interval(mins => polled.interval_minutes) as end_at,
    fact.status_cp as status,
    polled.interval_minutes
  from new_charging_point_fact as fact
  join polled on polled.id_cp = fact.id_chargingpoint and fact.slot >= polled.since and fact.slot < polled.until
  union all
  select id_cp, start_at, end_at, status, interval_minutes
  from status_interval
  where day = $1
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
  -- Few of the observations begin an interval: only with them, and with each charging point's last one, it goes on.
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
