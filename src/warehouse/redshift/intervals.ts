import type pg from 'pg';
import type { Load } from '../warehouse.js';
import { later } from './clock.js';
import { literal } from './literal.js';
import { list, STATUS_INTERVAL } from './tables.js';

/**
 * Derives from the facts that stand aside how long each status lasted, as sql/postgres/marts/status_interval.sql says. Call
 * where the load's tables are found, once its runs do not overlap. Doing it again changes nothing.
 */
export async function deriveIntervals(client: pg.PoolClient, load: Load): Promise<void> {
  await client.query('delete from new_status_interval');
  await client.query(`insert into new_status_interval (${list(STATUS_INTERVAL.columns)}) ${INTERVALS(load)}`);
}

/**
 * One pass in each charging point's order. An addition goes on with the intervals that are published of its day: should
 * others be published before this load is, it is no longer what the day can be added to.
 */
const INTERVALS = ({ day, addsTo }: Load) => `
  with held as (
    select feed, since, lead(since) over (partition by feed order by since) as until, interval_minutes
    from new_feed_interval
  ), polled as (
    select run.id_cp, greatest(run.first_slot, held.since) as since,
      least(${later('second', '1', 'run.last_slot')}, held.until) as until, held.interval_minutes
    from new_charging_point_run run
    left join held on held.feed = run.feed and held.since <= run.last_slot
      and (held.until is null or held.until > run.first_slot)
  ), observed as (
    select fact.id_chargingpoint as id_cp, fact.slot as start_at,
      ${later('minute', 'polled.interval_minutes', 'fact.slot')} as end_at, fact.status_cp as status, polled.interval_minutes
    from new_charging_point_fact fact
    join polled on polled.id_cp = fact.id_chargingpoint and fact.slot >= polled.since and fact.slot < polled.until
    ${addsTo === undefined ? '' : `union all select ${list(STATUS_INTERVAL.columns)} from status_interval where day = ${literal(day)}`}
  ), compared as (
    select id_cp, start_at, end_at, status, interval_minutes,
      lead(start_at) over (partition by id_cp order by start_at) as later_start,
      case
        when lag(status) over (partition by id_cp order by start_at) = status
          and lag(end_at) over (partition by id_cp order by start_at) >= start_at then 0
        else 1
      end as begins
    from observed
  ), numbered as (
    select id_cp, start_at, least(end_at, later_start) as end_at, status, interval_minutes,
      sum(begins) over (partition by id_cp order by start_at rows unbounded preceding) as number,
      case when lead(begins) over (partition by id_cp order by start_at) = 0 then 0 else 1 end as is_last
    from compared
  )
  select id_cp, min(start_at), max(end_at), status, max(case when is_last = 1 then interval_minutes end)
  from numbered group by id_cp, number, status`;
