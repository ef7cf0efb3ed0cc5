import type pg from 'pg';
import type { FeedCoverage } from '../../stores/coverage.js';
import type { Load } from '../warehouse.js';
import { useAside, waitForOthers } from './aside.js';
import { insertRows } from './insert.js';
import { asideTable, COVERAGE, COVERAGE_GAP } from './tables.js';

/** Replaces what stands aside of the load's coverage: rows of each feed, and of its gaps. Call in a transaction. */
export async function copyCoverage(
  client: pg.PoolClient,
  load: Load,
  coverage: FeedCoverage[],
): Promise<void> {
  await useAside(client, load);
  await waitForOthers(client);
  for (const of of [COVERAGE, COVERAGE_GAP]) await client.query(`delete from ${asideTable(of)}`);
  await insertRows(
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
  await insertRows(client, COVERAGE_GAP, gaps);
}
