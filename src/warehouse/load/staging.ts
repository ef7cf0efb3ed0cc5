import type pg from 'pg';
import { identifier } from '../literal.js';
import type { Load } from '../warehouse.js';
import type { Dialect } from './dialect.js';
import { schemasOf, searchIn } from './schemas.js';

/** Return the name of the load's staging schema. Its tables are named `new_…` and found by the search path. */
export function stagingSchema(load: Pick<Load, 'day' | 'run'>): string {
  // 40 characters have room for a UUID and a suffix. Each run of a workflow has a staging schema of its own.
  const run = load.run
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .slice(0, 40)
    .toLowerCase();
  return `staging_${load.day.replaceAll('-', '')}_${run}`;
}

/** Set the search path of this transaction to the load's staging schema and the schemas of its warehouse. */
export async function useStaging(client: pg.PoolClient, dialect: Dialect, load: Load): Promise<void> {
  const { ops, warehouse } = schemasOf(dialect.warehouses, load);
  await searchIn(client, stagingSchema(load), ops, warehouse);
}

/**
 * Wait until no other attempt of this step has an open transaction.
 *
 * Call as the first statement after {@link useStaging}. On Redshift, the first query or change of a transaction fixes
 * its snapshot, which must include the work of the other attempt.
 */
export async function waitForOthers(client: pg.PoolClient, { words }: Dialect): Promise<void> {
  await client.query(words.lock('turn'));
}

/**
 * Create the load's staging schema and its tables. Idempotent.
 *
 * @throws LoadRefused when the tables that the load is for have the form of an earlier version
 */
export async function openStaging(client: pg.PoolClient, dialect: Dialect, load: Load): Promise<void> {
  await useStaging(client, dialect, load);
  await dialect.lock(client, 'opening');
  await dialect.requireForm(client, load);
  const schema = stagingSchema(load);
  const { rows } = await client.query(
    `select tablename from pg_tables where schemaname = $1 and tablename = 'turn'`,
    [schema],
  );
  if (rows.length > 0) return;
  await client.query(`create schema if not exists ${identifier(schema)}`);
  await dialect.staging.make(client, load);
}

/** Drop the load's staging schema with all its tables. Idempotent. */
export async function dropStaging(pool: pg.Pool, load: Load): Promise<void> {
  await pool.query(`drop schema if exists ${identifier(stagingSchema(load))} cascade`);
}
