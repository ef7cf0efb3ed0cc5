import type pg from 'pg';
import { LEDGER_COUNTS } from '../../domain/ledger.js';
import { insertStaging } from './insert.js';
import { LEDGER } from './tables.js';

/**
 * Makes one row a feed of those that chunks and the published day have left in staging, with the digest of the feed's
 * inventory where that is given. Call where the load's tables are found. Doing it again changes nothing but digests.
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
