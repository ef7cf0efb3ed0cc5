import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { openPool } from '../../src/warehouse/postgres/database.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

const START = readFileSync(new URL('../../src/build/dataModelStart.md', import.meta.url), 'utf8');
/** The example query below the heading of each table. */
const EXAMPLES = [...START.matchAll(/^### (\w+)\n\n[^#]*?```sql\n([^`]*)```/gm)].map(
  ([, table = '', statement = '']) => ({ table, statement }),
);
/** Names in the first column of the table of tables, and in the last column of the table of questions. */
const NAMED = [...START.matchAll(/`([a-z]+(?:_[a-z]+)*)`(?=\]\(#|[^\n|]*\|$)/gm)].map(
  ([, name = '']) => name,
);

describe('the beginning of docs/data-model.md', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
    return () => database.drop();
  });

  it('has an example for each of five tables', () => {
    expect(EXAMPLES.map(({ table }) => table)).toEqual([
      'charging_station',
      'charging_point',
      'status_chargingpoints',
      'charging_event',
      'utilization_hour',
    ]);
  });

  it.each(EXAMPLES)('has an example that a reader may run: $table', async ({ statement }) => {
    const pool = openPool(database.url, 1);
    try {
      await pool.query('set role ladepuls_reader');
      await expect(pool.query(statement)).resolves.toBeDefined();
    } finally {
      await pool.end();
    }
  });

  it('names relations and columns that there are', async () => {
    expect(NAMED.length).toBeGreaterThan(15);
    const pool = openPool(database.url, 1);
    try {
      const { rows } = await pool.query<{ name: string }>(
        `select table_name as name from information_schema.columns where table_schema = 'public'
         union select column_name from information_schema.columns where table_schema = 'public'`,
      );
      const there = rows.map(({ name }) => name);
      expect(NAMED.filter((name) => !there.includes(name))).toEqual([]);
    } finally {
      await pool.end();
    }
  });
});
