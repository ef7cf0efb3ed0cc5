-- Compute the minutes of each hour in which a charging point and its parking sensor had the same pair of statuses. Read
-- the day's published facts, spans and status periods, because staging has only the later part of an addition's first hour.
--
-- On Postgres, facts are not rows. Therefore the file for Postgres derives the facts of the few charging points with a
-- sensor from their status spans.
delete from parking_hour where day = :day and hour >= :hours_start;

insert into parking_hour (day, hour, id_cp, status, status_parkingsensor, minutes)
with held as (
  select
    feed,
    since,
    lead(since) over (partition by feed order by since) as until,
    interval_minutes
  from feed_interval
  where day = :day
), sensed as (
  select distinct id_chargingpoint
  from new_charging_point_status_span
  where status_parkingsensor is not null
  union
  select id_chargingpoint
  from charging_point_fact
  where day = :day and slot >= :hours_start and status_parkingsensor is not null and :is_addition
), observed as (
  select
    fact.id_chargingpoint as id_cp,
    fact.slot,
    fact.status_cp as status,
    fact.status_parkingsensor,
    lead(fact.slot) over (partition by fact.id_chargingpoint order by fact.slot) as next_slot
  from charging_point_fact as fact
  join sensed on sensed.id_chargingpoint = fact.id_chargingpoint
  where fact.day = :day and fact.slot >= :hours_start
), lasting as (
  select
    observed.id_cp,
    date_trunc('hour', observed.slot at time zone 'UTC') at time zone 'UTC' as hour,
    observed.status,
    observed.status_parkingsensor,
    least(
      held.interval_minutes, (extract(epoch from observed.next_slot) - extract(epoch from observed.slot)) / 60
    ) as minutes
  from observed
  join charging_point_content_span as span
    on span.id_cp = observed.id_cp and span.first_slot <= observed.slot and span.last_slot >= observed.slot
  join held
    on held.feed = span.feed and held.since <= observed.slot and (held.until is null or held.until > observed.slot)
  where
    span.day = :day
    and observed.status_parkingsensor is not null
    and observed.slot < least(:hours_end, date_trunc('hour', sysdate) at time zone 'UTC')
)
select
  :day::date,
  hour,
  id_cp,
  status,
  status_parkingsensor,
  sum(minutes)::smallint
from lasting
group by hour, id_cp, status, status_parkingsensor;
