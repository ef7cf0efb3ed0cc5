import pg from 'pg';
import { addDays, type Day, monthBounds } from '../../domain/day.js';
import type { Load } from '../warehouse.js';
import { schemasOf } from './schemas.js';

/** The partitioned tables of facts, the views that readers see, and where a load's rows stand before they are published. */
export const FACTS = [
  {
    table: 'charging_point',
    view: 'status_chargingpoints',
    aside: 'new_charging_point_fact',
    id: 'id_chargingpoint',
  },
  { table: 'connector', view: 'status_connectors', aside: 'new_connector_fact', id: 'id_connector' },
] as const;

/** What building a day's index may take of memory, on all processors together. */
const INDEX_MEMORY = '128MB';

/** The name of a day's partition; its schema is that of its table. */
export function partitionOf(fact: (typeof FACTS)[number], day: Day): string {
  return `${fact.table}_${day.replaceAll('-', '')}`;
}

/**
 * Makes the day's partitions where they are not there yet, without rows. Call in a transaction long before the day's first
 * publication: a statement that is planned before a partition is there, and executed after, misses what is in it, but
 * would see the ledger that is published with it.
 */
export async function openPartitions(client: pg.PoolClient, load: Load): Promise<void> {
  const { observation, ops, public: published } = schemasOf(load);
  const day = pg.escapeLiteral(load.day);
  for (const fact of FACTS)
    await openPartition(client, {
      table: `${observation}.${fact.table}`,
      partition: `${observation}.${partitionOf(fact, load.day)}`,
      values: `in (${day})`,
    });
  const { first, next } = monthBounds(load.day);
  await openPartition(client, {
    table: `${published}.status_hour`,
    partition: `${ops}.status_hour_${first.slice(0, 7).replace('-', '')}`,
    values: `from (${pg.escapeLiteral(first)}) to (${pg.escapeLiteral(next)})`,
    // So that whoever asks for hours is spared the other months too. A local day is never further from UTC's than a day.
    check: `hour >= '${addDays(first, -1)} 00:00Z' and hour < '${addDays(next, 1)} 00:00Z'`,
  });
}

interface Partition {
  /** With its schema, as the partition. */
  table: string;
  partition: string;
  values: string;
  check?: string;
}

async function openPartition(
  client: pg.PoolClient,
  { table, partition, values, check }: Partition,
): Promise<void> {
  // Of two loads at once, the second finds what the first one made.
  await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [partition]);
  const { rows } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
    partition,
  ]);
  if (rows[0]?.there) return;
  // Attaching, unlike creating it as a partition, makes no reader wait, and waits for none.
  await client.query(
    `create table ${partition} (like ${table} including defaults${check ? `, check (${check})` : ''});
     alter table ${table} attach partition ${partition} for values ${values}`,
  );
}

/**
 * Replaces the day's facts by those of the load. Detaching the old partition would wait for the longest reader, and all
 * new readers behind it.
 */
export async function replaceFacts(client: pg.PoolClient, load: Load): Promise<void> {
  for (const fact of FACTS)
    await client.query(`delete from ${schemasOf(load).observation}.${partitionOf(fact, load.day)}`);
  await addFacts(client, load);
}

/**
 * Adds the load's facts to those of the day. The first ones are indexed once they are all there, which takes a fraction of
 * the time. No reader waits for it; it may itself wait for a vacuum.
 */
export async function addFacts(client: pg.PoolClient, load: Load): Promise<void> {
  await client.query(`set local maintenance_work_mem = '${INDEX_MEMORY}'`);
  const { observation } = schemasOf(load);
  for (const fact of FACTS) {
    const name = partitionOf(fact, load.day);
    const partition = `${observation}.${name}`;
    await client.query(`insert into ${partition} select * from ${fact.aside}`);
    const index = `${name}_${fact.id}_idx`;
    const { rows } = await client.query<{ none: boolean }>('select to_regclass($1) is null as none', [
      `${observation}.${index}`,
    ]);
    if (rows[0]?.none) await client.query(`create index ${index} on ${partition} (${fact.id})`);
    // Else a day that was empty stays so for whoever plans a statement, until Postgres gets around to it.
    await client.query(`analyze ${partition}`);
  }
}
