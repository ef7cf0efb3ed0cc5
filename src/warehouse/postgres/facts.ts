import pg from 'pg';
import type { Day } from '../../domain/day.js';
import type { Load } from '../warehouse.js';
import { asideSchema } from './aside.js';
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
 * The first load of a day attaches its table as the day's partition, which no reader waits for. A later
 * one replaces the rows: detaching the old partition would wait for the longest reader, and all new
 * readers behind it.
 */
export async function replaceFacts(
  client: pg.PoolClient,
  load: Load,
  fact: (typeof FACTS)[number],
): Promise<void> {
  const { observation } = schemasOf(load);
  const partition = partitionOf(fact, load.day);
  const there = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
    `${observation}.${partition}`,
  ]);
  if (there.rows[0]?.there) {
    await client.query(`delete from ${observation}.${partition}`);
    await client.query(`insert into ${observation}.${partition} select * from ${fact.aside}`);
    return;
  }
  const schema = pg.escapeIdentifier(asideSchema(load));
  await client.query(`alter table ${schema}.${fact.aside} alter day drop default`);
  await client.query(`alter table ${schema}.${fact.aside} rename to ${partition}`);
  // An index lives in its table's schema: there, every day's must have a name of its own.
  await client.query(`alter index ${schema}.${fact.aside}_id rename to ${partition}_id`);
  await client.query(`alter table ${schema}.${partition} set schema ${observation}`);
  await client.query(
    `alter table ${observation}.${fact.table} attach partition ${observation}.${partition}
     for values in (${pg.escapeLiteral(load.day)})`,
  );
}
