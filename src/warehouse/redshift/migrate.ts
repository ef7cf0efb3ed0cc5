import type pg from 'pg';
import { inTransaction, makeOnce } from '../connection.js';
import { type Migration, readPending } from '../migrations.js';
import { type Load, LoadRefused } from '../warehouse.js';
import { takeLock } from './database.js';
import { REBUILT } from './schemas.js';

/**
 * Migrations that make tables anew. Such a one runs where the tables are empty: in a warehouse without a published day, and in the
 * tables of a rebuild.
 */
const OF_EMPTY: ReadonlySet<number> = new Set([9]);

/** Later migrations name no views, which a rebuild does not have. */
const LAST_WITH_VIEWS = 8;

/** The migrations that the published tables have seen, and those that the tables of a rebuild have seen beyond these. */
const DONE = 'ladepuls.migration';
const DONE_BY_REBUILD = 'ladepuls.rebuilt_migration';

/** What steps wait for one another by, and what has been migrated. */
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
 * Runs the migrations in sql/redshift that this database has not seen, all in one transaction: DDL of Redshift can be
 * rolled back. Stops before the first one that makes tables anew in which there are days. Runs a later one also on the tables of a
 * rebuild that was begun before it. Two at once wait for each other.
 */
export async function migrate(pool: pg.Pool): Promise<void> {
  for (const statement of CONTROL) await makeOnce(pool, statement);
  await inTransaction(pool, async (client) => {
    await takeLock(client, 'migration');
    for (const migration of await pendingMigrations(client)) {
      const isOfEmpty = OF_EMPTY.has(migration.version);
      if (isOfEmpty && (await holdsDays(client))) return;
      for (const statement of statementsOf(migration)) await client.query(statement);
      if (!isOfEmpty && migration.version > LAST_WITH_VIEWS && (await isRebuildWithout(client, migration)))
        for (const statement of statementsOf(migration)) await client.query(ofRebuilt(statement));
      await note(client, DONE, migration);
    }
  });
}

/**
 * Runs, on the empty tables of a rebuild, the migrations that the published tables have not seen because they hold days. Call in
 * the transaction that makes the tables, under the migrations' lock.
 */
export async function migrateRebuilt(client: pg.PoolClient): Promise<void> {
  await forgetRebuilt(client);
  for (const migration of await pendingMigrations(client)) {
    for (const statement of statementsOf(migration)) await client.query(ofRebuilt(statement));
    await note(client, DONE_BY_REBUILD, migration);
  }
}

/** Whether the tables of a rebuild stand beside the published ones, and have not seen the migration. */
async function isRebuildWithout(client: pg.PoolClient, { version }: Migration): Promise<boolean> {
  const { rows } = await client.query('select name from ladepuls.rebuild');
  return rows.length > 0 && !(await seenMigrations(client, DONE_BY_REBUILD)).has(version);
}

/** Notes that the published tables are now those of the rebuild. Call in the transaction that exchanges them. */
export async function adoptRebuilt(client: pg.PoolClient): Promise<void> {
  await client.query(
    `insert into ${DONE} (version, name, sha256, migrated_at)
     select version, name, sha256, migrated_at from ${DONE_BY_REBUILD}`,
  );
  await forgetRebuilt(client);
}

/** Forgets the migrations of a rebuild whose tables are gone. */
export async function forgetRebuilt(client: pg.PoolClient): Promise<void> {
  await client.query(`delete from ${DONE_BY_REBUILD}`);
}

/** Throws LoadRefused where the tables that a load is meant for are those of an earlier version. */
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
      ? 'This rebuild was begun by an earlier version of Ladepuls, and its tables are of that version. Run `ladepuls rebuild` again.'
      : 'This warehouse holds days in tables of an earlier version of Ladepuls, which take no more of them. Run `ladepuls rebuild`: ' +
          'it fills new tables from the raw store, this day included, while readers keep the tables of now.',
  );
}

/** Returns whether the published tables hold days and are of an earlier version, so that only a rebuild can go on with them. */
export async function awaitsRebuild(client: pg.ClientBase | pg.Pool): Promise<boolean> {
  return (await pendingMigrations(client)).length > 0 && (await holdsDays(client));
}

/** Migrations that the published tables have not seen, in order. Throws an Error where one that they have seen was changed. */
async function pendingMigrations(client: pg.ClientBase | pg.Pool): Promise<Migration[]> {
  return readPending('redshift', 'sha256', await seenMigrations(client, DONE));
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

/** Migrations name the published schemas. */
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
 * Splits a migration into its statements, which Redshift takes one by one. Each ends in a semicolon at the end of a line;
 * none has one within.
 */
function statementsOf({ text }: Migration): string[] {
  return text
    .replaceAll(/^\s*--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
