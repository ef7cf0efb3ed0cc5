-- Stretches in which a charging point was observed in every slot, and always with one status. An observation holds
-- from its slot to the next one of its feed's interval, never longer. Reads what a load has copied aside.
insert into new_status_interval (id_cp, start_at, end_at, status, interval_minutes)
with held as (
  select
    feed,
    since,
    lead(since, 1, 'infinity') over (partition by feed order by since) as until,
    interval_minutes
  from new_feed_interval
), observed as (
  select
    fact.id_chargingpoint as id_cp,
    fact.slot,
    fact.status_cp as status,
    held.interval_minutes,
    least(
      fact.slot + make_interval(mins => held.interval_minutes), lead(fact.slot) over point_slots
    ) as until,
    lag(fact.status_cp) over point_slots as status_before,
    lag(fact.slot + make_interval(mins => held.interval_minutes)) over point_slots as until_before
  from new_charging_point_fact as fact
  join new_charging_point_run as run
    on run.id_cp = fact.id_chargingpoint and fact.slot between run.first_slot and run.last_slot
  left join held on held.feed = run.feed and fact.slot >= held.since and fact.slot < held.until
  window point_slots as (partition by fact.id_chargingpoint order by fact.slot)
), numbered as (
  select
    *,
    count(*) filter (where status_before is distinct from status or until_before < slot) over (
      partition by id_cp order by slot
    ) as number
  from observed
)
select
  id_cp,
  min(slot),
  max(until),
  status,
  (array_agg(interval_minutes order by slot desc))[1]
from numbered
group by id_cp, number, status;
