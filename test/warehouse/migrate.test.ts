import type pg from 'pg';
import { createHash } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { inTransaction } from '../../src/warehouse/connection.js';
import { readMigrations } from '../../src/warehouse/migrations.js';
import { openPool } from '../../src/warehouse/postgres/database.js';
import { migrate, runMigrations } from '../../src/warehouse/postgres/migrate.js';
import { createDatabase } from '../support/database.js';
import { column, query, type Row } from './support/query.js';

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

describe('a warehouse that an earlier release migrated with Postgrator', () => {
  it('gets the migrations that it does not have, and no other', async () => {
    const { url, pools } = await emptyDatabase();
    const { applied, pending } = await leavePostgratorsTable(url, pools[0]);
    await migrate(pools[0]);
    const rows = await query(url, 'select * from schema_version order by version');
    expect(rows.slice(0, applied.length)).toEqual(applied);
    expect(rows.slice(applied.length)).toMatchObject(pending);
  });

  it('is not migrated when the file of an applied migration has changed', async () => {
    const { url, pools } = await emptyDatabase();
    const { applied } = await leavePostgratorsTable(url, pools[0]);
    await query(url, `update schema_version set md5 = md5('other') where version = 2`);
    await expect(migrate(pools[0])).rejects.toThrow(/sql\/postgres\/002\.do\.\S+ differs from the migration/);
    expect(await column(url, 'select count(*)::int from schema_version')).toEqual([applied.length]);
  });
});

/**
 * Migrate a warehouse to the last migration but one, and replace the table of applied migrations by the table that
 * Postgrator 8 creates and fills.
 */
async function leavePostgratorsTable(
  url: string,
  pool: pg.Pool,
): Promise<{ applied: Row[]; pending: Row[] }> {
  const migrations = await readMigrations('postgres');
  const last = migrations.at(-2)?.version ?? 0;
  await inTransaction(pool, (client) => runMigrations(client, last));
  const rows = migrations
    .filter(({ version }) => version <= last)
    .map(({ version, name, sql }) => {
      const md5 = createHash('md5').update(sql, 'utf8').digest('hex');
      return `(${version}, '${name.split('.')[2] ?? ''}', '${md5}', '2026-11-30 04:10:00.123')`;
    });
  const applied = await query(
    url,
    'drop table public.schema_version',
    'CREATE TABLE "public"."schema_version" (version BIGINT PRIMARY KEY)',
    'INSERT INTO "public"."schema_version" (version) VALUES (0)',
    'ALTER TABLE "public"."schema_version" ADD COLUMN name TEXT',
    'ALTER TABLE "public"."schema_version" ADD COLUMN md5 TEXT',
    'ALTER TABLE "public"."schema_version" ADD COLUMN run_at TIMESTAMP WITH TIME ZONE',
    `INSERT INTO "public"."schema_version" (version, name, md5, run_at) VALUES ${rows.join(', ')}`,
    'select * from schema_version order by version',
  );
  const pending = migrations.slice(-1).map(({ name, digest }) => ({ name, md5: digest }));
  return { applied, pending };
}
