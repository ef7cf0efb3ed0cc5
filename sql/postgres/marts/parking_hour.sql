-- How many minutes of an hour a charging point had a status while its parking sensor had another. Read from the published
-- facts of the day, $1, since an addition, as $2 says, has only the later part of its first hour aside. What is deleted is
-- what was there before this statement, whichever of its two parts comes first.
with removed as (
  delete from parking_hour using publishing
  where parking_hour.day = $1 and parking_hour.hour >= publishing.hours_start
), sensed as (
  select id_chargingpoint
  from new_charging_point_status_run
  where status_parkingsensor is not null
  union
  select fact.id_chargingpoint
  from status_chargingpoints as fact
  cross join publishing
  where $2 and fact.day = $1 and fact.slot >= publishing.hours_start and fact.status_parkingsensor is not null
), held as (
  select
    feed,
    since,
    lead(since, 1, 'infinity') over (partition by feed order by since) as until,
    interval_minutes
  from feed_interval
  where day = $1
), observed as (
  select
    fact.id_chargingpoint as id_cp,
    fact.slot,
    fact.status_cp,
    fact.status_parkingsensor,
    lead(fact.slot) over (partition by fact.id_chargingpoint order by fact.slot) as next_slot
  from status_chargingpoints as fact
  cross join publishing
  where
    fact.day = $1
    and fact.slot >= publishing.hours_start
    and fact.id_chargingpoint in (select sensed.id_chargingpoint from sensed)
)
insert into parking_hour (day, hour, id_cp, status, status_parkingsensor, minutes)
select
  $1,
  date_trunc('hour', observed.slot, 'UTC'),
  observed.id_cp,
  observed.status_cp,
  observed.status_parkingsensor,
  sum(
    least(
      held.interval_minutes,
      coalesce(extract(epoch from observed.next_slot - observed.slot) / 60, held.interval_minutes)
    )
  )
from observed
join charging_point_run as run
  on
    run.day = $1
    and run.id_cp = observed.id_cp
    and run.first_slot <= observed.slot
    and run.last_slot >= observed.slot
join held on held.feed = run.feed and held.since <= observed.slot and held.until > observed.slot
cross join publishing
where observed.status_parkingsensor is not null and observed.slot < publishing.hours_end
group by 2, 3, 4, 5;
