import type pg from 'pg';
import type { Load } from '../warehouse.js';
import { later } from './clock.js';
import { STATUS_INTERVAL, list } from '../load/tables.js';
import { literal } from '../literal.js';

/**
 * Derives from the runs of statuses that stand aside how long each status lasted, as sql/postgres/marts/status_interval.sql says. Call
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
    select poll.feed, poll.slot, held.interval_minutes,
      lag(poll.slot) over (partition by poll.feed order by poll.slot) as slot_before,
      lag(held.interval_minutes) over (partition by poll.feed order by poll.slot) as interval_before
    from new_poll poll
    left join held on held.feed = poll.feed and held.since <= poll.slot
      and (held.until is null or held.until > poll.slot)
  ), flagged as (
    select feed, slot, interval_minutes,
      case
        when slot > ${later('minute', 'interval_before', 'slot_before')} or interval_minutes <> interval_before then 1
        else 0
      end as begins
    from polled
  ), stretched as (
    select feed, slot, interval_minutes,
      sum(begins) over (partition by feed order by slot rows unbounded preceding) as number
    from flagged
  ), stretch as (
    select feed, min(slot) as first_slot, max(slot) as last_slot, interval_minutes
    from stretched group by feed, number, interval_minutes
  ), observed as (
    select run.id_chargingpoint as id_cp, greatest(run.first_slot, stretch.first_slot) as start_at,
      ${later('minute', 'stretch.interval_minutes', 'least(run.last_slot, stretch.last_slot)')} as end_at,
      run.status_cp as status, stretch.interval_minutes
    from new_charging_point_status_run run
    join stretch on stretch.feed = run.feed
      and stretch.first_slot <= run.last_slot and stretch.last_slot >= run.first_slot
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
