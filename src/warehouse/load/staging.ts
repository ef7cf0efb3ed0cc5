import type pg from 'pg';
import { identifier } from '../literal.js';
import type { Load } from '../warehouse.js';
import type { Dialect } from './dialect.js';
import { schemasOf, searchIn } from './schemas.js';

/** The schema that a load is built in. Its tables are named new_… and found by the search path. */
export function stagingSchema(load: Pick<Load, 'day' | 'run'>): string {
  // Room for a UUID and what follows it: every round of a workflow has a schema of its own.
  const run = load.run
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .slice(0, 40)
    .toLowerCase();
  return `staging_${load.day.replaceAll('-', '')}_${run}`;
}

/** Makes the statements that follow in this transaction find the load's tables, and those of its warehouse. */
export async function useStaging(client: pg.PoolClient, dialect: Dialect, load: Load): Promise<void> {
  const { ops, warehouse } = schemasOf(dialect.warehouses, load);
  await searchIn(client, stagingSchema(load), ops, warehouse);
}

/**
 * Of two attempts of one step at once, the second waits here until the first one's transaction is over. Call as the first
 * statement after {@link useStaging}: on Redshift, a transaction sees what there is when its first statement begins.
 */
export async function waitForOthers(client: pg.PoolClient, { words }: Dialect): Promise<void> {
  await client.query(words.lock('turn'));
}

/**
 * Makes the load's schema and tables. Idempotent.
 *
 * @throws LoadRefused where the tables that the load is meant for are of an earlier version
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

/** Removes the load's schema with all that is left in it. */
export async function dropStaging(pool: pg.Pool, load: Load): Promise<void> {
  await pool.query(`drop schema if exists ${identifier(stagingSchema(load))} cascade`);
}
