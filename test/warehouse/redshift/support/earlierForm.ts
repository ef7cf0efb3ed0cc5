import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';
import type { RedshiftBench } from './bench.js';

const FOLDER = new URL('../../../../sql/redshift/', import.meta.url);

/** Names of the migrations' files, in order. */
export const MIGRATIONS = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.sql'))
  .sort();
/** The migration that recreates tables, and therefore waits for a rebuild in a warehouse with days. */
export const BIGINT_IDS = '009.do.bigint-ids.sql';

/** Return the statements of a migration, without comments. */
export function statementsOf(name: string): string[] {
  const text = readFileSync(new URL(name, FOLDER), 'utf8').replaceAll(/^\s*--.*$/gm, '');
  return text.split(/;\s*$/m).filter((statement) => statement.trim() !== '');
}

/** Create the tables in their form before {@link BIGINT_IDS}, in a bench that is not migrated. */
export async function makeEarlier(bench: RedshiftBench): Promise<void> {
  const client = new pg.Client({ connectionString: bench.standIn.url.replace('redshift:', 'postgres:') });
  await client.connect();
  try {
    await client.query('create schema ladepuls');
    await client.query(
      'create table ladepuls.migration (version int, name varchar(256), sha256 varchar(64), migrated_at timestamptz)',
    );
    for (const name of MIGRATIONS.filter((name) => name < BIGINT_IDS)) {
      for (const statement of statementsOf(name)) await client.query(statement);
      const text = readFileSync(new URL(name, FOLDER), 'utf8');
      const sha256 = createHash('sha256').update(text).digest('hex');
      await client.query(
        `insert into ladepuls.migration values (${Number.parseInt(name, 10)}, '${name}', '${sha256}', sysdate)`,
      );
    }
  } finally {
    await client.end();
  }
}
