import { randomBytes } from 'node:crypto';
import { openPool } from '../../src/warehouse/postgres/database.js';
import { sharedComponent } from './sharedComponent.js';
import { TEMPLATES } from './template.js';

export interface TestDatabase {
  /** Connection string of its owner, who is no superuser. */
  url: string;
  /** Ends its sessions and removes it. */
  drop(): Promise<void>;
}

/**
 * Makes a database on the Postgres that the run shares: with the empty warehouse that the migrations make, or the one
 * that they make on the stand-in for Redshift, or with nothing.
 *
 * @example
 * let database: TestDatabase;
 * beforeAll(async () => {
 *   database = await createDatabase();
 *   return () => database.drop();
 * });
 */
export async function createDatabase(
  content: keyof typeof TEMPLATES | 'nothing' = 'warehouse',
): Promise<TestDatabase> {
  const server = await sharedComponent(content === 'redshift' ? 'redshift' : 'postgres');
  return copyOf(content === 'nothing' ? 'template1' : TEMPLATES[content], server);
}

/** Makes a copy of a test's database. Nobody may be connected to it. */
export async function copyDatabase({ url }: Pick<TestDatabase, 'url'>): Promise<TestDatabase> {
  return copyOf(new URL(url).pathname.slice(1), await sharedComponent('postgres'));
}

async function copyOf(template: string, server: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await execute(server, `create database ${name} template ${template} strategy file_copy`);
  return {
    url: Object.assign(new URL(server), { pathname: name }).href,
    drop: () => drop(server, name),
  };
}

/**
 * Without force first: that waits for sessions that are just ending and sends autovacuum away, whose process
 * only a superuser may end by force.
 */
async function drop(server: string, name: string): Promise<void> {
  await execute(server, `drop database ${name}`).catch(() =>
    execute(server, `drop database ${name} with (force)`),
  );
}

async function execute(url: string, statement: string): Promise<void> {
  const pool = openPool(url, 1);
  await pool.query(statement).finally(() => pool.end());
}
