import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import pg from 'pg';
import { inTransaction } from '../postgres/database.js';

/** From src/ and from dist/ alike. */
const MIGRATIONS = new URL('../../../sql/redshift/', import.meta.url);

/** What steps wait for one another by, and what has been migrated: the same for the published and a rebuilt warehouse. */
const CONTROL = [
  'create schema if not exists ladepuls',
  `create table if not exists ladepuls.migration (
     version int not null,
     name varchar(256) not null,
     sha256 varchar(64) not null,
     migrated_at timestamptz not null
   ) diststyle all`,
  ...['migration_lock', 'publication_lock', 'opening_lock'].map(
    (name) => `create table if not exists ladepuls.${name} (held boolean) diststyle all`,
  ),
  'create table if not exists ladepuls.rebuild (name varchar(256) not null) diststyle all',
];

/** That another process made it at the same moment: SQL states of objects and of rows that are there already. */
const THERE_ALREADY: ReadonlySet<string | undefined> = new Set(['42P06', '42P07', '42710', '23505', '40001']);

interface Migration {
  version: number;
  name: string;
  sha256: string;
  statements: string[];
}

/**
 * Runs the migrations in sql/redshift that this database has not seen, all in one transaction: DDL of Redshift can be
 * rolled back. Two at once wait for each other. Postgrator, which does this for Postgres, would make a table of keys and
 * varchar of no length, and sends several statements at once.
 */
export async function migrate(pool: pg.Pool): Promise<void> {
  for (const statement of CONTROL) await makeOnce(pool, statement);
  const migrations = await readMigrations();
  await inTransaction(pool, async (client) => {
    await client.query('lock table ladepuls.migration_lock');
    const { rows } = await client.query<{ version: number; sha256: string }>(
      'select version, sha256 from ladepuls.migration',
    );
    const done = new Map(rows.map(({ version, sha256 }) => [version, sha256]));
    for (const migration of migrations) {
      const sha256 = done.get(migration.version);
      if (sha256 === undefined) await run(client, migration);
      else if (sha256 !== migration.sha256)
        throw new Error(
          `sql/redshift/${migration.name} is not the migration that made this warehouse: a released one is never changed. ` +
            'Use the version of Ladepuls that the warehouse was made with, or a later one.',
        );
    }
  });
}

async function makeOnce(pool: pg.Pool, statement: string): Promise<void> {
  try {
    await pool.query(statement);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && THERE_ALREADY.has(error.code))) throw error;
  }
}

async function run(client: pg.PoolClient, { version, name, sha256, statements }: Migration): Promise<void> {
  for (const statement of statements) await client.query(statement);
  await client.query(
    'insert into ladepuls.migration (version, name, sha256, migrated_at) values ($1, $2, $3, sysdate)',
    [version, name, sha256],
  );
}

async function readMigrations(): Promise<Migration[]> {
  const names = (await readdir(MIGRATIONS)).filter((name) => /^\d+\.do\..*\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(name, MIGRATIONS), 'utf8');
      return {
        version: Number.parseInt(basename(name), 10),
        name,
        sha256: createHash('sha256').update(text).digest('hex'),
        statements: statementsOf(text),
      };
    }),
  );
}

/** The statements of a migration: each ends in a semicolon at the end of a line; none has one within. */
function statementsOf(text: string): string[] {
  return text
    .replaceAll(/^\s*--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
