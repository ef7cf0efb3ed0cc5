import { expect, it, onTestFinished } from 'vitest';
import { openPool } from '../../src/warehouse/postgres/database.js';
import { migrate } from '../../src/warehouse/postgres/migrate.js';
import { createDatabase } from '../support/database.js';
import { column, query } from './support/query.js';

async function emptyDatabase() {
  const database = await createDatabase('nothing');
  onTestFinished(() => database.drop());
  const pools = [openPool(database.url, 2), openPool(database.url, 2)] as const;
  onTestFinished(async () => {
    await Promise.all(pools.map((pool) => pool.end()));
  });
  return { url: database.url, pools };
}

it('migrates once, however often it is told, also two at once', async () => {
  const { url, pools } = await emptyDatabase();
  await Promise.all([migrate(pools[0]), migrate(pools[1])]);
  await migrate(pools[0]);
  const versions = await column(url, 'select version::int from schema_version order by 1');
  expect(versions).toEqual([...new Set(versions)]);
  expect(versions.at(-1)).toBeGreaterThanOrEqual(1);
  const tables = await column(url, `select viewname from pg_views where schemaname = 'public'`);
  expect(tables).toEqual(expect.arrayContaining(['status_chargingpoints', 'status_connectors']));
});

it('leaves nothing of a migration that fails, and no lock', async () => {
  const { url, pools } = await emptyDatabase();
  await query(url, 'create schema ops');
  await expect(migrate(pools[0])).rejects.toThrow(/ops/);
  expect(await column(url, `select to_regclass('public.charging_station')`)).toEqual([null]);
  await query(url, 'drop schema ops');
  await migrate(pools[1]);
  expect(await column(url, 'select count(*)::int from public.time')).toEqual([0]);
});

it('refuses to go on where a migration that was run has been changed', async () => {
  const { url, pools } = await emptyDatabase();
  await migrate(pools[0]);
  await query(url, `update schema_version set md5 = 'other' where version = 2`);
  await expect(migrate(pools[0])).rejects.toThrow(/sql\/postgres\/002\.do\.\S+ is not the migration/);
});

it('knows the migrations that earlier versions noted: with a first row of no migration, and names without their file’s', async () => {
  const { url, pools } = await emptyDatabase();
  await migrate(pools[0]);
  await query(
    url,
    `insert into schema_version (version) values (0)`,
    `update schema_version set name = split_part(name, '.', 3) where version > 0`,
  );
  const before = await query(url, 'select * from schema_version order by version');
  await migrate(pools[0]);
  expect(await query(url, 'select * from schema_version order by version')).toEqual(before);
});
