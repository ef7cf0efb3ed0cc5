import type pg from 'pg';
import { inTransaction, makeOnce } from '../connection.js';
import { type Migration, readPending } from '../migrations.js';
import { type Load, LoadRefused } from '../warehouse.js';
import { takeLock } from './database.js';
import { REBUILT } from './schemas.js';

/**
 * Migrations that recreate tables. Such a migration runs only where the tables are empty: in a warehouse without a
 * published day, and in the tables of a rebuild.
 */
const OF_EMPTY: ReadonlySet<number> = new Set([9]);

/**
 * Last migration that contains statements which can't run twice. Later migrations change tables of the schemas
 * `warehouse` and `ops`, and views, and nothing else. Therefore the tables of a rebuild can be migrated too.
 */
const LAST_NOT_REPEATABLE = 8;

/** A statement about a view. A rebuild has no views: those of schema `public` read the tables that are published. */
const OF_VIEW = /^(create|create or replace|drop) view /i;

/**
 * Table of the migrations applied to the published tables, and table of the migrations applied only to the tables of a
 * rebuild.
 */
const DONE = 'ladepuls.migration';
const DONE_BY_REBUILD = 'ladepuls.rebuilt_migration';

/** Statements that create the lock tables, and the tables that record migrations and rebuilds. */
const CONTROL = [
  'create schema if not exists ladepuls',
  ...[DONE, DONE_BY_REBUILD].map(
    (name) => `create table if not exists ${name} (
     version int not null,
     name varchar(256) not null,
     sha256 varchar(64) not null,
     migrated_at timestamptz not null
   ) diststyle all`,
  ),
  ...['migration_lock', 'publication_lock', 'opening_lock'].map(
    (name) => `create table if not exists ladepuls.${name} (held boolean) diststyle all`,
  ),
  'create table if not exists ladepuls.rebuild (name varchar(256) not null) diststyle all',
];

/**
 * Apply the pending migrations in sql/redshift, in one transaction, because Redshift can roll back DDL. Parallel calls
 * wait for each other.
 *
 * Stop before the first migration that recreates tables if these have days. Apply a later migration also to the tables
 * of a rebuild that began before the migration existed.
 */
export async function migrate(pool: pg.Pool): Promise<void> {
  for (const statement of CONTROL) await makeOnce(pool, statement);
  await inTransaction(pool, async (client) => {
    await takeLock(client, 'migration');
    for (const migration of await pendingMigrations(client)) {
      const isOfEmpty = OF_EMPTY.has(migration.version);
      if (isOfEmpty && (await holdsDays(client))) return;
      for (const statement of statementsOf(migration)) await client.query(statement);
      if (
        !isOfEmpty &&
        migration.version > LAST_NOT_REPEATABLE &&
        (await isRebuildWithout(client, migration))
      )
        await changeRebuilt(client, migration);
      await note(client, DONE, migration);
    }
  });
}

/**
 * Apply the migrations that are pending on the published tables, because those have days, to the empty tables of a
 * rebuild. Call in the transaction that creates the tables, while holding the lock of migrations.
 */
export async function migrateRebuilt(client: pg.PoolClient): Promise<void> {
  await forgetRebuilt(client);
  for (const migration of await pendingMigrations(client)) {
    await changeRebuilt(client, migration);
    await note(client, DONE_BY_REBUILD, migration);
  }
}

/** Apply a migration to the tables of a rebuild. */
async function changeRebuilt(client: pg.PoolClient, migration: Migration): Promise<void> {
  for (const statement of statementsOf(migration))
    if (!OF_VIEW.test(statement)) await client.query(ofRebuilt(statement));
}

/** Return whether tables of a rebuild exist beside the published tables and lack this migration. */
async function isRebuildWithout(client: pg.PoolClient, { version }: Migration): Promise<boolean> {
  const { rows } = await client.query('select name from ladepuls.rebuild');
  return rows.length > 0 && !(await seenMigrations(client, DONE_BY_REBUILD)).has(version);
}

/**
 * Record that the published tables are now those of the rebuild, and replace the views for which the rebuild's migrations
 * have statements. Call in the transaction that exchanges the tables, after the exchange.
 */
export async function adoptRebuilt(client: pg.PoolClient): Promise<void> {
  const applied = await seenMigrations(client, DONE_BY_REBUILD);
  for (const migration of await pendingMigrations(client)) {
    if (!applied.has(migration.version)) continue;
    for (const statement of statementsOf(migration))
      if (OF_VIEW.test(statement)) await client.query(statement);
    await note(client, DONE, migration);
  }
  await forgetRebuilt(client);
}

/** Delete the record of a rebuild's migrations, after its tables were dropped or exchanged. */
export async function forgetRebuilt(client: pg.PoolClient): Promise<void> {
  await client.query(`delete from ${DONE_BY_REBUILD}`);
}

/**
 * Check that the tables which a load is for have the form of this version.
 *
 * @throws LoadRefused when the tables have the form of an earlier version
 */
export async function requireMigrated(
  client: pg.PoolClient,
  { isRebuild }: Pick<Load, 'isRebuild'>,
): Promise<void> {
  const pending = await pendingMigrations(client);
  if (pending.length === 0) return;
  const made = isRebuild ? await seenMigrations(client, DONE_BY_REBUILD) : new Map<number, string>();
  if (pending.every(({ version }) => made.has(version))) return;
  throw new LoadRefused(
    isRebuild
      ? 'An earlier version of Ladepuls began this rebuild. Run "ladepuls rebuild" again; the warehouse stays as it is until then.'
      : 'This version of Ladepuls can\'t load days into the tables of an earlier version. Run "ladepuls rebuild": ' +
          'it fills new tables from the raw store, also with this day. Readers use the present tables until then.',
  );
}

/**
 * Return whether the published tables have days and the form of an earlier version, so that only a rebuild can update
 * them.
 */
export async function awaitsRebuild(client: pg.ClientBase | pg.Pool): Promise<boolean> {
  return (await pendingMigrations(client)).length > 0 && (await holdsDays(client));
}

/**
 * Return the migrations that are pending on the published tables, in order.
 *
 * @throws Error when the file of an applied migration has changed
 */
async function pendingMigrations(client: pg.ClientBase | pg.Pool): Promise<Migration[]> {
  return readPending('redshift', await seenMigrations(client, DONE));
}

async function seenMigrations(client: pg.ClientBase | pg.Pool, table: string): Promise<Map<number, string>> {
  const { rows } = await client.query<{ version: number; sha256: string }>(
    `select version, sha256 from ${table}`,
  );
  return new Map(rows.map(({ version, sha256 }) => [version, sha256]));
}

async function holdsDays(client: pg.ClientBase | pg.Pool): Promise<boolean> {
  const { rows } = await client.query('select day from ops.day_revision limit 1');
  return rows.length > 0;
}

/** Replace the published schemas in a statement about tables by those of the rebuild. */
function ofRebuilt(statement: string): string {
  return statement.replaceAll(/\b(warehouse|ops)(?=\.)/g, (name) => REBUILT[name as keyof typeof REBUILT]);
}

async function note(
  client: pg.PoolClient,
  table: string,
  { version, name, digest }: Migration,
): Promise<void> {
  await client.query(
    `insert into ${table} (version, name, sha256, migrated_at) values ($1, $2, $3, sysdate)`,
    [version, name, digest],
  );
}

/**
 * Split a migration into its statements, because Redshift accepts one at a time. Each ends with a semicolon at the end of
 * a line, and none has such a semicolon within.
 */
function statementsOf({ sql }: Migration): string[] {
  return sql
    .replaceAll(/^\s*--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
