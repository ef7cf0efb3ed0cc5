import type pg from 'pg';
import { LEDGER_COUNTS } from '../../domain/ledger.js';
import { insertAside } from './insert.js';
import { LEDGER } from './tables.js';

/**
 * Makes one row a feed of those that its chunks left aside, with the digest of its inventory where that is known. Call
 * where the load's tables are found. Doing it again changes nothing but digests.
 */
export async function addUpLedgers(
  client: pg.PoolClient,
  inventories: ReadonlyMap<string, string> = new Map(),
): Promise<void> {
  const sums = LEDGER_COUNTS.map((count) => `sum(${count}) as ${count}`);
  const { rows } = await client.query<Record<string, string>>(
    `select feed, ${sums.join(', ')} from new_ledger group by feed order by feed`,
  );
  await client.query('delete from new_ledger');
  const ledgers = rows.map((row) => ({ ...row, inventory: inventories.get(row.feed ?? '') ?? '' }));
  await insertAside(client, LEDGER, ledgers);
}
