import pg from 'pg';
import { addDays, type Day, monthBounds } from '../../domain/day.js';
import type { STATUS_FILES } from '../../domain/flatFiles.js';
import type { LedgerEntry } from '../../domain/ledger.js';
import { type Load, LoadRefused } from '../warehouse.js';
import { schemasOf } from './schemas.js';

/** One of the two facts. */
export interface Fact {
  /** The partitioned table. */
  table: string;
  /** What readers see. */
  view: string;
  id: string;
  /** What an observation says. */
  columns: readonly string[];
  /** The runs of equal statuses that a load makes its rows of; they stand aside. */
  run: (typeof STATUS_FILES)[number];
  /** Where the ledger counts them. */
  counted: keyof LedgerEntry;
  /** The runs of what is observed. */
  entity: { run: string; id: string };
}

export const FACTS: readonly Fact[] = [
  {
    table: 'charging_point',
    view: 'status_chargingpoints',
    id: 'id_chargingpoint',
    columns: ['status_cp', 'status_parkingsensor'],
    run: 'charging_point_status_run',
    counted: 'charging_point_facts',
    entity: { run: 'charging_point_run', id: 'id_cp' },
  },
  {
    table: 'connector',
    view: 'status_connectors',
    id: 'id_connector',
    columns: ['status_connector'],
    run: 'connector_status_run',
    counted: 'connector_facts',
    entity: { run: 'connector_run', id: 'id_connector' },
  },
];

/** What building a day's index may take of memory, on all processors together. */
const INDEX_MEMORY = '128MB';

/** The name of a day's partition; its schema is that of its table. */
export function partitionOf(fact: Fact, day: Day): string {
  return `${fact.table}_${day.replaceAll('-', '')}`;
}

/**
 * Makes the day's partitions where they are not there yet, without rows. Call under the lock `opening`, long before the day's first
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
 * the time. No reader waits for it; it may itself wait for a vacuum. Throws LoadRefused where they are not as many as counted.
 */
export async function addFacts(client: pg.PoolClient, load: Load): Promise<void> {
  await client.query(`set local maintenance_work_mem = '${INDEX_MEMORY}'`);
  const { observation } = schemasOf(load);
  for (const fact of FACTS) {
    const name = partitionOf(fact, load.day);
    const partition = `${observation}.${name}`;
    await expandRuns(client, fact, partition, load);
    const index = `${name}_${fact.id}_idx`;
    const { rows } = await client.query<{ none: boolean }>('select to_regclass($1) is null as none', [
      `${observation}.${index}`,
    ]);
    if (rows[0]?.none) await client.query(`create index ${index} on ${partition} (${fact.id})`);
    // Else a day that was empty stays so for whoever plans a statement, until Postgres gets around to it.
    await client.query(`analyze ${partition}`);
  }
}

/** Makes a fact of each poll that a run goes over, by entity and slot as the runs stand: so a charging point's day is read at once. */
async function expandRuns(
  client: pg.PoolClient,
  { id, columns, run }: Fact,
  partition: string,
  { day }: Load,
): Promise<void> {
  const statuses = columns.map((column) => pg.escapeIdentifier(column)).join(', ');
  const { rowCount: facts } = await client.query(
    `insert into ${partition} (slot, query_time, day, ${id}, ${statuses})
     select poll.slot, poll.query_time, $1, ${id}, ${statuses}
     from new_${run} run
     cross join lateral (
       select slot, query_time from new_poll
       where feed = run.feed and slot between run.first_slot and run.last_slot order by slot
     ) poll`,
    [day],
  );
  await requireCounted(client, run, facts);
}

/** Throws LoadRefused where the runs of a kind stand for another number of facts than were made of them. The same on Redshift. */
export async function requireCounted(
  client: pg.PoolClient,
  run: string,
  facts: number | null,
): Promise<void> {
  const { rows } = await client.query<{ polls: string }>(
    `select coalesce(sum(polls), 0) as polls from new_${run}`,
  );
  const counted = Number(rows[0]?.polls);
  if (facts !== counted)
    throw new LoadRefused(
      `new_${run} stands for ${counted} facts, but has made ${facts}: load the day again`,
    );
}
