import pg from 'pg';
import { addDays, monthBounds } from '../../domain/day.js';
import type { Load } from '../warehouse.js';
import { schemasOf } from './schemas.js';

/**
 * Makes the partition of `status_hour` for the month of the load's day where it is not there yet, without rows. Call
 * under the lock `opening`, long before the day's first publication: a statement that is planned before a partition is
 * there, and executed after, misses what is in it, but would see the ledger that is published with it.
 */
export async function openHourPartition(client: pg.PoolClient, load: Load): Promise<void> {
  const { ops, warehouse: published } = schemasOf(load);
  const { first, next } = monthBounds(load.day);
  const table = `${published}.status_hour`;
  const partition = `${ops}.status_hour_${first.slice(0, 7).replace('-', '')}`;
  const { rows } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
    partition,
  ]);
  if (rows[0]?.there) return;
  // The check spares whoever asks for hours the other months too. A local day is never further from UTC's than a day.
  // Attaching, unlike creating it as a partition, makes no reader wait, and waits for none.
  await client.query(
    `create table ${partition} (like ${table} including defaults,
       check (hour >= '${addDays(first, -1)} 00:00Z' and hour < '${addDays(next, 1)} 00:00Z'));
     alter table ${table} attach partition ${partition}
       for values from (${pg.escapeLiteral(first)}) to (${pg.escapeLiteral(next)})`,
  );
}
