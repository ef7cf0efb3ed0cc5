import pg from 'pg';
import type { Day } from '../../domain/day.js';
import type { Load } from '../warehouse.js';
import { schemasOf } from './schemas.js';

/** The partitioned tables of facts, the views that readers see, and where a load's rows stand before they are published. */
export const FACTS = [
  { table: 'charging_point', view: 'status_chargingpoints', aside: 'new_charging_point_fact' },
  { table: 'connector', view: 'status_connectors', aside: 'new_connector_fact' },
] as const;

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
  const { observation } = schemasOf(load);
  for (const fact of FACTS) {
    const partition = `${observation}.${partitionOf(fact, load.day)}`;
    // Of two loads of a day at once, the second finds what the first one made.
    await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [partition]);
    const { rows } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
      partition,
    ]);
    if (rows[0]?.there) continue;
    // Attaching, unlike creating it as a partition, makes no reader wait, and waits for none.
    await client.query(
      `create table ${partition} (like ${observation}.${fact.table} including defaults);
       alter table ${observation}.${fact.table} attach partition ${partition} for values in (${pg.escapeLiteral(load.day)})`,
    );
  }
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

/** Adds the load's facts to those of the day. */
export async function addFacts(client: pg.PoolClient, load: Load): Promise<void> {
  for (const fact of FACTS) {
    const partition = `${schemasOf(load).observation}.${partitionOf(fact, load.day)}`;
    await client.query(`insert into ${partition} select * from ${fact.aside}`);
    // Else a day that was empty stays so for whoever plans a statement, until Postgres gets around to it.
    await client.query(`analyze ${partition}`);
  }
}
