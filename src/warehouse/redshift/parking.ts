import type pg from 'pg';
import type { Load } from '../warehouse.js';
import { minutesBetween, startOfHour } from './clock.js';
import type { Hours } from './hours.js';
import { instant, literal } from '../literal.js';

/**
 * Replaces how many minutes of an hour a charging point had a status while its parking sensor had another, as
 * sql/postgres/marts/parking_hour.sql says. It reads the day's published facts, runs and intervals: an addition has only the
 * later part of its first hour aside.
 */
export async function publishParkingHours(
  client: pg.PoolClient,
  { day, addsTo }: Load,
  hours: Hours,
): Promise<void> {
  const [start, end] = [instant(hours.start), instant(hours.end)];
  const ofDay = `day = ${literal(day)}`;
  await client.query(`delete from parking_hour where ${ofDay} and hour >= ${start}`);
  await client.query(
    `insert into parking_hour (day, hour, id_cp, status, status_parkingsensor, minutes)
     with held as (
       select feed, since, lead(since) over (partition by feed order by since) as until, interval_minutes
       from feed_interval where ${ofDay}
     ), sensed as (
       select distinct id_chargingpoint from new_charging_point_status_run where status_parkingsensor is not null
       ${addsTo === undefined ? '' : `union select id_chargingpoint from charging_point_fact where ${ofDay} and slot >= ${start} and status_parkingsensor is not null`}
     ), observed as (
       select fact.id_chargingpoint as id_cp, fact.slot, fact.status_cp as status, fact.status_parkingsensor,
         lead(fact.slot) over (partition by fact.id_chargingpoint order by fact.slot) as next_slot
       from charging_point_fact fact
       join sensed on sensed.id_chargingpoint = fact.id_chargingpoint
       where fact.${ofDay} and fact.slot >= ${start}
     ), lasting as (
       select observed.id_cp, ${startOfHour('observed.slot')} as hour, observed.status, observed.status_parkingsensor,
         least(held.interval_minutes, ${minutesBetween('observed.slot', 'observed.next_slot')}) as minutes
       from observed
       join charging_point_run run on run.id_cp = observed.id_cp
         and run.first_slot <= observed.slot and run.last_slot >= observed.slot
       join held on held.feed = run.feed and held.since <= observed.slot
         and (held.until is null or held.until > observed.slot)
       where run.${ofDay} and observed.status_parkingsensor is not null and observed.slot < ${end}
     )
     select ${literal(day)}::date, hour, id_cp, status, status_parkingsensor, sum(minutes)::smallint
     from lasting group by hour, id_cp, status, status_parkingsensor`,
  );
}
