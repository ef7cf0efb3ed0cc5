import type pg from 'pg';
import type { FeedCoverage } from '../../stores/coverage.js';
import type { Load } from '../warehouse.js';
import type { Dialect } from './dialect.js';
import { insertStaging } from './insert.js';
import { useStaging, waitForOthers } from './staging.js';
import { COVERAGE, COVERAGE_GAP, FEED_INTERVAL, stagingTable } from './tables.js';

/**
 * Replace the load's coverage in staging: the counts, gaps and intervals of each feed. Idempotent. Call in a
 * transaction.
 */
export async function copyCoverage(
  client: pg.PoolClient,
  dialect: Dialect,
  load: Load,
  coverage: FeedCoverage[],
): Promise<void> {
  await useStaging(client, dialect, load);
  await waitForOthers(client, dialect);
  for (const of of [COVERAGE, COVERAGE_GAP, FEED_INTERVAL])
    await client.query(`delete from ${stagingTable(of)}`);
  await insertStaging(
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
  await insertStaging(client, COVERAGE_GAP, gaps);
  const intervals = coverage.flatMap(({ feed, intervals: found }) =>
    found.map(({ from, minutes }) => ({
      feed,
      since: from === -Infinity ? dialect.words.longAgo : new Date(from).toISOString(),
      interval_minutes: minutes,
    })),
  );
  await insertStaging(client, FEED_INTERVAL, intervals);
}
