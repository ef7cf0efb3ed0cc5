import pg from 'pg';
import { CONNECTOR_COLUMNS, POINT_COLUMNS, STATION_COLUMNS } from '../../domain/flatFiles.js';

interface Dimension {
  table: string;
  run: string;
  id: string;
  columns: readonly string[];
}

/** From the top down: a row's parent is there before it, and goes after it. */
const DIMENSIONS: readonly Dimension[] = [
  { table: 'charging_station', run: 'charging_station_run', id: 'id_cs', columns: STATION_COLUMNS },
  { table: 'charging_point', run: 'charging_point_run', id: 'id_cp', columns: POINT_COLUMNS },
  { table: 'connector', run: 'connector_run', id: 'id_connector', columns: CONNECTOR_COLUMNS },
];

/**
 * Replaces the day's runs with the load's, and derives the dimensions anew for the entities that
 * either of them touches: the content of the latest slot of all loaded days; gone when no day holds it.
 */
export async function replaceRuns(client: pg.PoolClient, day: string): Promise<void> {
  for (const dimension of DIMENSIONS) await replaceRun(client, dimension, day);
  for (const dimension of DIMENSIONS) await upsertLatest(client, dimension);
  for (const dimension of [...DIMENSIONS].reverse()) await removeForgotten(client, dimension);
}

async function replaceRun(client: pg.PoolClient, { run, id }: Dimension, day: string): Promise<void> {
  await client.query(
    `create temp table touched_${run} on commit drop as
     select ${id} as id from ops.${run} where day = $1 union select ${id} from new_${run}`,
    [day],
  );
  await client.query(`analyze touched_${run}`);
  await client.query(`delete from ops.${run} where day = $1`, [day]);
  await client.query(`insert into ops.${run} select * from new_${run}`);
}

async function upsertLatest(client: pg.PoolClient, { table, run, id, columns }: Dimension): Promise<void> {
  const names = [...columns, 'feed'].map((column) => pg.escapeIdentifier(column));
  const updates = [...names, 'last_seen'].map((name) => `${name} = excluded.${name}`).join(', ');
  const changed = [...names, 'last_seen'];
  await client.query(`
    insert into public.${table} as old (${id}, ${names.join(', ')}, last_seen)
    select touched.id, ${names.map((name) => `latest.${name}`).join(', ')}, latest.last_slot
    from touched_${run} touched
    cross join lateral (
      select * from ops.${run} run where run.${id} = touched.id order by last_slot desc, feed limit 1
    ) latest
    on conflict (${id}) do update set ${updates}
    where (${changed.map((name) => `old.${name}`).join(', ')})
      is distinct from (${changed.map((name) => `excluded.${name}`).join(', ')})`);
}

async function removeForgotten(client: pg.PoolClient, { table, run, id }: Dimension): Promise<void> {
  await client.query(`
    delete from public.${table} using touched_${run} touched
    where ${id} = touched.id and not exists (select from ops.${run} run where run.${id} = touched.id)`);
}
