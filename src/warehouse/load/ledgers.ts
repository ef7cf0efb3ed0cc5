import type pg from 'pg';
import { LEDGER_COUNTS } from '../../domain/ledger.js';
import { insertStaging } from './insert.js';
import { LEDGER } from './tables.js';

/**
 * Sum the ledger rows in staging, from chunks and the published day, to one row for each feed.
 *
 * Idempotent, except that a later call may change digests. Call when the search path has the load's staging schema.
 *
 * @param inventories digest of the raw inventory for each feed; a feed that is missing here keeps its digest
 */
export async function addUpLedgers(
  client: pg.PoolClient,
  inventories: ReadonlyMap<string, string> = new Map(),
): Promise<void> {
  const sums = LEDGER_COUNTS.map((count) => `sum(${count}) as ${count}`);
  const { rows } = await client.query<Record<string, string>>(
    `select feed, max(inventory) as inventory, ${sums.join(', ')} from new_ledger group by feed order by feed`,
  );
  await client.query('delete from new_ledger');
  const ledgers = rows.map((row) => ({
    ...row,
    inventory: inventories.get(row.feed ?? '') ?? row.inventory,
  }));
  await insertStaging(client, LEDGER, ledgers);
}
