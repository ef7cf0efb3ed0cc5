import type pg from 'pg';
import type { FeedCoverage } from '../../stores/coverage.js';
import type { Load } from '../warehouse.js';
import { useAside, waitForOthers } from './aside.js';
import { insertAside } from './insert.js';
import { asideTable, COVERAGE, COVERAGE_GAP, FEED_INTERVAL } from './tables.js';

/** Redshift has no -infinity: the interval that a day begins with is since long ago. */
const LONG_AGO = '0001-01-01T00:00:00Z';

/** Replaces what stands aside of the load's coverage: rows of each feed, of its gaps and intervals. Call in a transaction. */
export async function copyCoverage(
  client: pg.PoolClient,
  load: Load,
  coverage: FeedCoverage[],
): Promise<void> {
  await useAside(client, load);
  await waitForOthers(client);
  for (const of of [COVERAGE, COVERAGE_GAP, FEED_INTERVAL])
    await client.query(`delete from ${asideTable(of)}`);
  await insertAside(
    client,
    COVERAGE,
    coverage.map(({ feed, total, unexpected }) => ({ ...total, feed, unexpected })),
  );
  const gaps = coverage.flatMap(({ feed, gaps: found, expected }) =>
    found.map(({ first, last, slots, outcome, reason }) => ({
      feed,
      first_slot: new Date(first).toISOString(),
      last_slot: new Date(last).toISOString(),
      slots,
      outcome,
      reason,
      from_start: first === expected?.first,
      to_end: last === expected?.last,
    })),
  );
  await insertAside(client, COVERAGE_GAP, gaps);
  const intervals = coverage.flatMap(({ feed, intervals: found }) =>
    found.map(({ from, minutes }) => ({
      feed,
      since: from === -Infinity ? LONG_AGO : new Date(from).toISOString(),
      interval_minutes: minutes,
    })),
  );
  await insertAside(client, FEED_INTERVAL, intervals);
}
