import type pg from 'pg';
import { asideSchema } from '../load/staging.js';
import { RUN_COLUMNS } from '../../domain/flatFiles.js';
import type { Load } from '../warehouse.js';
import { identifier } from './literal.js';
import { requireMigrated } from './migrate.js';
import { schemasOf, searchIn } from './schemas.js';
import { asideTable, DAY_TABLES, FACTS, list } from './tables.js';

/** Makes the statements that follow in this transaction find the load's tables, and those of its warehouse. */
export async function useAside(client: pg.PoolClient, load: Load): Promise<void> {
  const { ops, warehouse } = schemasOf(load);
  await searchIn(client, asideSchema(load), ops, warehouse);
}

/**
 * Of two attempts of one load's step at once, the second waits here until the first one's transaction is over. Call as
 * the first statement after {@link useAside}: what this transaction sees is what there is when the wait is over.
 */
export async function waitForOthers(client: pg.PoolClient): Promise<void> {
  await client.query('lock table turn');
}

/**
 * Makes the load's schema and tables: those of the warehouse, without the day and without promises. Throws LoadRefused where these
 * are of an earlier version.
 */
export async function openAside(client: pg.PoolClient, load: Load): Promise<void> {
  const { ops, warehouse } = schemasOf(load);
  const schema = identifier(asideSchema(load));
  await searchIn(client, ops, warehouse);
  await client.query('lock table ladepuls.opening_lock');
  await requireMigrated(client, load);
  const { rows } = await client.query(
    `select tablename from pg_tables where schemaname = $1 and tablename = 'turn'`,
    [asideSchema(load)],
  );
  if (rows.length > 0) return;
  await client.query(`create schema if not exists ${schema}`);
  for (const of of DAY_TABLES)
    await client.query(
      `create table ${schema}.${asideTable(of)} distkey (${of.distributedBy}) as
       select ${list(of.columns)} from ${of.table} where 1 = 0`,
    );
  for (const { run, table, id, columns, entity } of FACTS)
    await client.query(
      `create table ${schema}.new_${run} distkey (${id}) as
       select ${list([id, ...columns], 'fact.')}, ${list(RUN_COLUMNS, 'run.')}
       from ${table} fact cross join ${entity.run} run where 1 = 0`,
    );
  await client.query(
    `create table ${schema}.copied (chunk int not null, facts bigint not null) diststyle all`,
  );
  await client.query(`create table ${schema}.turn (held boolean) diststyle all`);
}

/** Removes the load's schema with all that is left in it. */
export async function dropAside(pool: pg.Pool, load: Load): Promise<void> {
  await pool.query(`drop schema if exists ${identifier(asideSchema(load))} cascade`);
}
