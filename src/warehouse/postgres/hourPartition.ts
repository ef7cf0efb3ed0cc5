import pg from 'pg';
import { addDays, monthBounds } from '../../domain/day.js';
import type { Load } from '../warehouse.js';
import { schemasOf } from './schemas.js';

/**
 * Create an empty partition of `status_hour` for the month of the load's day, if it is missing.
 *
 * Call while holding the lock `opening`, long before the day's first publication. A statement that is planned before
 * the partition exists and executed after the publication would miss the partition's rows, but see the ledger of the
 * same publication.
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
  // The check constraint lets queries for hours skip other months. A local day differs from the UTC day by at most one
  // day. The partition is attached, because creating it as a partition would make readers wait, and wait for readers.
  await client.query(
    `create table ${partition} (like ${table} including defaults,
       check (hour >= '${addDays(first, -1)} 00:00Z' and hour < '${addDays(next, 1)} 00:00Z'));
     alter table ${table} attach partition ${partition}
       for values from (${pg.escapeLiteral(first)}) to (${pg.escapeLiteral(next)})`,
  );
}
