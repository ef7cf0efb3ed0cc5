import pg from 'pg';
import type { FactRelations } from './reads.js';

/** The facts as rows: one a poll, by day, as the warehouse stored them before it had status spans. */
export const HEAP: FactRelations = {
  points: 'heap.status_chargingpoints',
  connectors: 'heap.status_connectors',
  pointsAsWas: 'heap.status_chargingpoints_as_was',
  connectorsAsWas: 'heap.status_connectors_as_was',
};

/** A heap table: what stands in each fact's row, and the view that it is read from. */
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
 * Makes the schema `heap`: tables of fact rows with the columns, order, partitions and index that the warehouse had, empty;
 * and the views that readers would see, with the definitions of the published ones.
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

/** The published view of facts with dimensions as they were, on the heap's facts. */
async function asWasOverHeap(client: pg.ClientBase, view: string): Promise<string> {
  const { rows } = await client.query<{ definition: string }>(
    `select pg_get_viewdef('public.${view}_as_was'::regclass) as definition`,
  );
  const published = rows[0]?.definition ?? '';
  const definition = published.replace(new RegExp(`(?<=[ (])(public\\.)?${view}(?= )`), `heap.${view}`);
  if (definition === published) throw new Error(`${view}_as_was does not read ${view}`);
  return `create view heap.${view}_as_was as ${definition}`;
}

/** Copies a day's facts into the heap, by id and slot, and makes the partition's index behind it. */
export async function copyToHeap(client: pg.ClientBase, day: string): Promise<void> {
  for (const { name, view, id, statuses } of TABLES)
    await fillPartition(
      client,
      { name, id, day },
      `select slot, query_time, day, ${id}, ${statuses.join(', ')} from public.${view}
       where day = ${pg.escapeLiteral(day)} order by ${id}, slot`,
    );
}

/** Copies a day's rows within the heap, so many days earlier. */
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
