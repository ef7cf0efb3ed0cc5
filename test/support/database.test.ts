import pg from 'pg';
import { expect, test } from 'vitest';
import { createDatabase } from './database.js';

test('a test file gets a migrated database that no other one sees, until it is dropped', async () => {
  const [mine, other] = await Promise.all([createDatabase(), createDatabase()]);
  await query(mine.url, "insert into public.time values ('2022-01-11 20:58:23Z', 21, 11, 2, 1, 2022, 2)");
  expect(await query(mine.url, 'select year from public.time')).toEqual([{ year: 2022 }]);
  expect(await query(other.url, 'select year from public.time')).toEqual([]);
  await mine.drop();
  await expect(query(mine.url, 'select 1')).rejects.toThrow(/does not exist/);
  expect(await query(other.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await other.drop();
});

test('a database with nothing in it is there for what migrates by itself', async () => {
  const database = await createDatabase('nothing');
  expect(await query(database.url, "select to_regclass('public.time') as found")).toEqual([{ found: null }]);
  await database.drop();
});

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}
