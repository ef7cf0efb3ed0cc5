import type pg from 'pg';
import { OF_FACTS, OF_LEDGER, type Check, verify } from '../load/check.js';
import type { Load } from '../warehouse.js';

/** What Postgres' keys promise: Redshift enforces none. */
const KEYS: [string, ...string[]][] = [
  ['new_charging_station_run', 'id_cs', 'first_slot'],
  ['new_charging_point_run', 'id_cp', 'first_slot'],
  ['new_connector_run', 'id_connector', 'first_slot'],
  ['new_poll', 'feed', 'slot'],
  ['new_ledger', 'feed'],
  ['new_coverage', 'feed'],
  ['new_coverage_gap', 'feed', 'first_slot'],
  ['new_feed_interval', 'feed', 'since'],
  ['new_status_interval', 'id_cp', 'start_at'],
];

/** What Postgres' CHECK constraints promise. */
const SUMS: [string, string, string][] = [
  ['new_ledger', 'bodies', 'parsed + unreadable + surplus'],
  [
    'new_ledger',
    'charging_points_read',
    'charging_point_facts + charging_points_quarantined + charging_point_duplicates',
  ],
  ['new_ledger', 'connectors_read', 'connector_facts + connectors_quarantined + connector_duplicates'],
  ['new_coverage', 'expected', 'stored + failed + missed'],
];

const PARENTS: [string, string, string, string][] = [
  ['new_charging_point_run', 'id_cs', 'new_charging_station_run', 'a charging point has a station'],
  ['new_connector_run', 'id_cp', 'new_charging_point_run', 'a connector has a charging point'],
];

const CHECKS: Check[] = [
  ...OF_FACTS,
  OF_LEDGER,
  ...KEYS.map(([table, ...columns]) => ({
    promise: `${table}: ${columns.join(' and ')} make one row`,
    sql: `
      select count(*) as broken
      from (select ${columns.join(', ')} from ${table} group by ${columns.join(', ')} having count(*) > 1) doubled`,
  })),
  ...SUMS.map(([table, whole, parts]) => ({
    promise: `${table}: ${whole} = ${parts}`,
    sql: `select count(*) as broken from ${table} where ${whole} <> ${parts}`,
  })),
  {
    promise: 'new_status_interval: every observation holds for an interval of its feed',
    // Of a feed without one, nothing says how long.
    sql: `
      select count(*) as broken from new_status_interval
      where end_at is null or interval_minutes is null or end_at <= start_at or interval_minutes <= 0`,
  },
  ...PARENTS.map(([table, id, parents, promise]) => ({
    promise: `${table}: ${promise}`,
    sql: `
      select count(*) as broken
      from ${table} child left join (select distinct ${id} from ${parents}) parent on parent.${id} = child.${id}
      where parent.${id} is null`,
  })),
];

/** Verifies the load's promises. Call where its tables are found. Throws LoadRefused, which names the broken one. */
export async function checkAside(client: pg.PoolClient, load: Load): Promise<void> {
  for (const check of CHECKS) if (!(check.comparesFacts && load.withoutFacts)) await verify(client, check);
}
