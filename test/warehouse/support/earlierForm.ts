import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { onTestFinished } from 'vitest';
import { openPool } from '../../../src/warehouse/postgres/database.js';
import { LAST_MIGRATION_WITH_ROWS } from '../../../src/warehouse/postgres/form.js';
import { makeLocks } from '../../../src/warehouse/postgres/locks.js';
import { runMigrations } from '../../../src/warehouse/postgres/migrate.js';
import { openPostgresWarehouse } from '../../../src/warehouse/postgres/warehouse.js';
import { createDatabase } from '../../support/database.js';
import { benchOf, type LoadBench } from './loads.js';
import { column, EARLIER_NAMES, query } from './query.js';

/** Dimensions in the order of their foreign keys, because a foreign key is checked at the end of each copy. */
const DIMENSIONS = ['charging_station', 'charging_point', 'connector'];
const FACTS = [
  { table: 'charging_point', view: 'status_chargingpoints' },
  { table: 'connector', view: 'status_connectors' },
];

/**
 * Create a warehouse in the form of the last version that stored facts as rows, with all data of a bench's warehouse.
 * It shares the bench's stores and is dropped when the test is over.
 */
export async function openEarlierForm(bench: LoadBench): Promise<LoadBench> {
  const database = await createDatabase('nothing');
  onTestFinished(() => database.drop());
  await migrateToRows(database.url);
  await makePartitions(bench.url, database.url);
  const tables = await column(
    bench.url,
    `select format('%I.%I', nspname, relname) from pg_class join pg_namespace on pg_namespace.oid = relnamespace
     where nspname in ('public', 'ops') and relkind in ('r', 'p') and not relispartition
       and relname not in ('schema_version', 'current_poll')
     order by ${DIMENSIONS.map((name) => `relname <> '${name}'`).join(', ')}, 1`,
  );
  for (const table of tables.map(String))
    await copyTable(bench.url, database.url, EARLIER_NAMES[table] ?? table, table);
  for (const { table, view } of FACTS)
    await copyTable(bench.url, database.url, `observation.${table}`, `public.${view}`);
  const warehouse = openPostgresWarehouse(database.url);
  onTestFinished(() => warehouse.close());
  return benchOf(database.url, warehouse, bench);
}

async function migrateToRows(url: string): Promise<void> {
  const pool = openPool(url, 1);
  try {
    await makeLocks(pool);
    const client = await pool.connect();
    try {
      await runMigrations(client, LAST_MIGRATION_WITH_ROWS);
    } finally {
      client.release();
    }
  } finally {
    await pool.end();
  }
}

async function makePartitions(from: string, to: string): Promise<void> {
  const days = await column(from, 'select distinct day::text from ops.day_revision order by 1');
  const months = await column(
    from,
    `select distinct date_trunc('month', day)::date::text from ops.day_revision order by 1`,
  );
  await query(
    to,
    'select',
    ...days.map(String).flatMap((day) =>
      FACTS.map(
        ({ table }) =>
          `create table observation.${table}_${day.replaceAll('-', '')}
           partition of observation.${table} for values in ('${day}')`,
      ),
    ),
    ...months.map(String).map(
      (month) =>
        `create table ops.status_hour_${month.slice(0, 7).replace('-', '')}
           partition of public.status_hour for values from ('${month}') to ('${month}'::date + interval '1 month')`,
    ),
  );
}

/** Expression for the raw key of a poll's answer, which an earlier version stored. Now only its digest is stored. */
const KEY_OF_POLL = `concat('polls/', feed, '/', day, '/', to_char(slot at time zone 'UTC', 'YYYYMMDD"T"HH24MI"Z"'), '/',
  to_char(received_at at time zone 'UTC', 'YYYYMMDD"T"HH24MISSMS"Z"'), '-', digest, '.json.gz')`;

/** Copy the columns that both tables have, and columns that can be derived. */
async function copyTable(from: string, to: string, table: string, source = table): Promise<void> {
  const columnsOf = (url: string, name: string) =>
    column(
      url,
      `select quote_ident(attname) from pg_attribute where attrelid = '${name}'::regclass and attnum > 0
       and not attisdropped and attgenerated = '' order by attnum`,
    );
  const there = await columnsOf(from, source);
  const sources = new Map(there.map((name) => [name, name]));
  if (table === 'ops.poll' && sources.has('digest')) sources.set('key', KEY_OF_POLL);
  const columns = (await columnsOf(to, table)).filter((name) => sources.has(name));
  const [reader, writer] = await Promise.all([connect(from), connect(to)]);
  try {
    await pipeline(
      reader.query(
        copyTo(
          `copy (select ${columns.map((name) => sources.get(name)).join(', ')} from ${source}) to stdout`,
        ),
      ),
      writer.query(copyFrom(`copy ${table} (${columns.join(', ')}) from stdin`)),
    );
  } finally {
    await Promise.all([reader.end(), writer.end()]);
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, options: '-c timezone=UTC' });
  await client.connect();
  return client;
}
