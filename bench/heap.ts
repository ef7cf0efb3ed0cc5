import pg from 'pg';
import type { FactRelations } from './reads.js';

/** Relations with a row for each fact, by day, as the warehouse stored facts before it had status spans. */
export const HEAP: FactRelations = {
  points: 'heap.status_chargingpoints',
  connectors: 'heap.status_connectors',
  pointsAsWas: 'heap.status_chargingpoints_as_was',
  connectorsAsWas: 'heap.status_connectors_as_was',
};

/** Heap tables: the columns of a fact's row, and the view that readers use. */
const TABLES = [
  {
    name: 'charging_point',
    view: 'status_chargingpoints',
    key: 'id_status_cp',
    id: 'id_chargingpoint',
    statuses: ['status_cp', 'status_parkingsensor'],
  },
  {
    name: 'connector',
    view: 'status_connectors',
    key: 'id_status_connectors',
    id: 'id_connector',
    statuses: ['status_connector'],
  },
] as const;

/**
 * Create the schema `heap`.
 * Its empty tables of fact rows have the columns, order, partitions and index of earlier releases of the warehouse.
 * Its views for readers have the definitions of the published ones.
 */
export async function makeHeap(client: pg.ClientBase): Promise<void> {
  await client.query('drop schema if exists heap cascade; create schema heap');
  for (const { name, view, key, id, statuses } of TABLES) {
    const columns = statuses.map((status) => `${status} varchar collate "C"`).join(', ');
    await client.query(
      `create table heap.${name} (slot timestamptz not null, query_time timestamptz not null, day date not null,
         ${id} varchar collate "C" not null, ${columns}) partition by list (day)`,
    );
    await client.query(
      `create view heap.${view} as
       select (${id} || '@' || to_char(slot at time zone 'UTC', 'YYYYMMDD"T"HH24MI"Z"'))::varchar as ${key},
         ${id}, query_time, ${statuses.join(', ')}, slot, day
       from heap.${name}`,
    );
    await client.query(await asWasOverHeap(client, view));
  }
}

/** Return the definition of the published view of facts with dimensions as they were, applied to the heap's facts. */
async function asWasOverHeap(client: pg.ClientBase, view: string): Promise<string> {
  const { rows } = await client.query<{ definition: string }>(
    `select pg_get_viewdef('public.${view}_as_was'::regclass) as definition`,
  );
  const published = rows[0]?.definition ?? '';
  const definition = published.replace(new RegExp(`(?<=[ (])(public\\.)?${view}(?= )`), `heap.${view}`);
  if (definition === published) throw new Error(`${view}_as_was does not read ${view}`);
  return `create view heap.${view}_as_was as ${definition}`;
}

/** Copy a day's facts to the heap, ordered by id and slot, then create the partition's index. */
export async function copyToHeap(client: pg.ClientBase, day: string): Promise<void> {
  for (const { name, view, id, statuses } of TABLES)
    await fillPartition(
      client,
      { name, id, day },
      `select slot, query_time, day, ${id}, ${statuses.join(', ')} from public.${view}
       where day = ${pg.escapeLiteral(day)} order by ${id}, slot`,
    );
}

/** Copy a day's rows within the heap to the day that is `back` days earlier. */
export async function copyWithinHeap(client: pg.ClientBase, day: string, back: number): Promise<void> {
  const earlier = `${pg.escapeLiteral(day)}::date - ${back}`;
  const { rows } = await client.query<{ day: string }>(`select (${earlier})::text as day`);
  for (const { name, id, statuses } of TABLES)
    await fillPartition(
      client,
      { name, id, day: rows[0]?.day ?? '' },
      `select slot - interval '${back} days', query_time - interval '${back} days', ${earlier}, ${id}, ${statuses.join(', ')}
       from heap.${name} where day = ${pg.escapeLiteral(day)}`,
    );
}

async function fillPartition(
  client: pg.ClientBase,
  { name, id, day }: { name: string; id: string; day: string },
  rows: string,
): Promise<void> {
  const partition = `heap.${name}_${day.replaceAll('-', '')}`;
  await client.query(`drop table if exists ${partition}`);
  await client.query(
    `create table ${partition} partition of heap.${name} for values in (${pg.escapeLiteral(day)})`,
  );
  await client.query(`insert into ${partition} ${rows}`);
  await client.query(`create index on ${partition} (${id})`);
}
