import pg from 'pg';
import { RUN_COLUMNS, RUN_FILES } from '../../domain/flatFiles.js';
import { asideSchema } from '../load/staging.js';
import { type Load, LoadOutdated } from '../warehouse.js';
import { spanTable } from './facts.js';
import { FACTS } from '../load/fact.js';
import { requireRebuiltAsSpans } from './form.js';
import { openHourPartition } from './hourPartition.js';
import { takeLock } from './locks.js';
import { schemasOf } from './schemas.js';

/** Makes the statements that follow in this transaction find the load's tables, and those of its warehouse. */
export async function useAside(client: pg.PoolClient, load: Load): Promise<void> {
  const path = [asideSchema(load), schemasOf(load).ops, schemasOf(load).public];
  await client.query(
    `set local search_path = ${path.map((schema) => pg.escapeIdentifier(schema)).join(', ')}`,
  );
}

/**
 * Of two attempts of one activity at once, the second waits here until the first one's transaction is over. Call where the
 * load's tables are found. Readers may not lock them.
 */
export async function waitForOthers(client: pg.PoolClient): Promise<void> {
  await client.query('lock table uncrashed in exclusive mode');
}

/** What is replaced with the day; the ledger too, whose sums are checked as it is written. */
const OF_DAY = [
  ...RUN_FILES,
  'coverage',
  'coverage_gap',
  'feed_interval',
  'status_interval',
  'quality',
  'quality_finding',
];

/**
 * Makes the load's schema and tables, whose rows have the day by default, and the partition that its hours go to.
 * Spans are logged once, where they are published: a crash of Postgres empties what is unlogged, the row that says so too.
 * Throws LoadRefused where an earlier version of Ladepuls began the rebuild that the load belongs to.
 */
export async function openAside(client: pg.PoolClient, load: Load): Promise<void> {
  const schema = pg.escapeIdentifier(asideSchema(load));
  const day = pg.escapeLiteral(load.day);
  if (load.isRebuild) await requireRebuiltAsSpans(client);
  await takeLock(client, 'opening');
  await client.query(`create schema if not exists ${schema}`);
  await useAside(client, load);
  const { rows } = await client.query<{ there: boolean }>(
    `select to_regclass('copied') is not null as there`,
  );
  if (rows[0]?.there) return;
  const tables = [
    ...OF_DAY.map(
      (table) => `
      create table new_${table} (like ${table} including defaults);
      alter table new_${table} alter day set default ${day}`,
    ),
    `create table new_ledger (like ledger including all)`,
    'create index on new_poll (feed, slot)',
    ...FACTS.map(
      (fact) => `
      create unlogged table new_${fact.run} as
      select ${[fact.id, ...fact.columns].map((column) => `span.${column}`).join(', ')}, ${RUN_COLUMNS.map((column) => `run.${column}`).join(', ')}
      from ${spanTable(fact, load)} span cross join ${fact.entity.run} run with no data`,
    ),
    'create table copied (chunk int primary key, facts bigint not null)',
    'create unlogged table uncrashed as select true',
  ];
  await client.query(tables.join(';'));
  await openHourPartition(client, load);
}

/** Throws LoadOutdated where Postgres has crashed since the load was opened. Call where its tables are found. */
export async function requireUncrashed(client: pg.PoolClient, { day }: Load): Promise<void> {
  const { rowCount } = await client.query('select from uncrashed');
  if (rowCount === 0)
    throw new LoadOutdated(`Postgres has crashed since ${day} was copied aside: it is loaded anew`);
}

/** Removes the load's schema with all that is left in it. */
export async function dropAside(pool: pg.Pool, load: Load): Promise<void> {
  await pool.query(`drop schema if exists ${pg.escapeIdentifier(asideSchema(load))} cascade`);
}
