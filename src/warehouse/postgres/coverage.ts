import type pg from 'pg';
import type { FeedCoverage } from '../../stores/coverage.js';
import type { Load } from '../warehouse.js';
import { useAside, waitForOthers } from './aside.js';

/** Replaces what stands aside of the load's coverage: rows of each feed, and of its gaps. Call in a transaction. */
export async function copyCoverage(
  client: pg.PoolClient,
  load: Load,
  coverage: FeedCoverage[],
): Promise<void> {
  await useAside(client, load);
  await waitForOthers(client);
  await client.query('truncate new_coverage, new_coverage_gap, new_feed_interval');
  await insert(
    client,
    'new_coverage (feed, expected, stored, failed, missed, unexpected)',
    coverage.map(({ feed, total: { expected, stored, failed, missed }, unexpected }) => ({
      feed,
      expected,
      stored,
      failed,
      missed,
      unexpected,
    })),
  );
  await insert(
    client,
    'new_coverage_gap (feed, first_slot, last_slot, slots, outcome, reason, from_start, to_end)',
    coverage.flatMap(({ feed, gaps, expected }) =>
      gaps.map(({ first, last, slots, outcome, reason }) => ({
        feed,
        first_slot: new Date(first),
        last_slot: new Date(last),
        slots,
        outcome,
        reason,
        from_start: first === expected?.first,
        to_end: last === expected?.last,
      })),
    ),
  );
  await insert(
    client,
    'new_feed_interval (feed, since, interval_minutes)',
    coverage.flatMap(({ feed, intervals }) =>
      intervals.map(({ from, minutes }) => ({
        feed,
        since: from === -Infinity ? '-infinity' : new Date(from),
        interval_minutes: minutes,
      })),
    ),
  );
}

/** Inserts rows whose fields are named as the columns are. */
async function insert(client: pg.PoolClient, into: string, rows: object[]): Promise<void> {
  const columns = into.slice(into.indexOf('(') + 1, -1);
  await client.query(
    `insert into ${into} select ${columns} from jsonb_populate_recordset(null::${into.split(' ', 1)[0] ?? ''}, $1)`,
    [JSON.stringify(rows)],
  );
}
