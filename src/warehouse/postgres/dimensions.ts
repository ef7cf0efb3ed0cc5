import pg from 'pg';
import { type Dimension, DIMENSIONS, touchedTable } from '../load/dimension.js';

/** Replaces the day's runs with the load's, and notes the entities of either. */
export async function replaceRuns(client: pg.PoolClient, day: string): Promise<void> {
  for (const dimension of DIMENSIONS) {
    const { run, id } = dimension;
    const touched = touchedTable(dimension);
    await client.query(
      `create temp table ${touched} on commit drop as
       select ${id} as id from ${run} where day = $1 union select ${id} from new_${run}`,
      [day],
    );
    await client.query(`alter table ${touched} add primary key (id)`);
    await client.query(`delete from ${run} where day = $1`, [day]);
    await client.query(`insert into ${run} select * from new_${run}`);
  }
}

/**
 * Derives the dimensions' rows of the touched entities: the content of the latest slot of all loaded days, and since
 * when the entity is gone, as its history tells; no row where no day holds it any more.
 */
export async function deriveDimensions(client: pg.PoolClient): Promise<void> {
  for (const dimension of DIMENSIONS) await upsertLatest(client, dimension);
  for (const dimension of [...DIMENSIONS].reverse()) await removeForgotten(client, dimension);
}

async function upsertLatest(client: pg.PoolClient, dimension: Dimension): Promise<void> {
  const { table, run, history, id, columns } = dimension;
  const attributes = [...columns, 'feed'].map((column) => pg.escapeIdentifier(column));
  const names = [...attributes, 'last_seen', 'retired_at'];
  const updates = names.map((name) => `${name} = excluded.${name}`).join(', ');
  await client.query(`
    insert into ${table} as old (${id}, ${names.join(', ')})
    select touched.id, ${attributes.map((name) => `latest.${name}`).join(', ')}, latest.last_slot, version.valid_to
    from ${touchedTable(dimension)} touched
    cross join lateral (
      select * from ${run} run where run.${id} = touched.id order by last_slot desc limit 1
    ) latest
    cross join lateral (
      select valid_to from ${history} version where version.${id} = touched.id order by valid_from desc limit 1
    ) version
    on conflict (${id}) do update set ${updates}
    where (${names.map((name) => `old.${name}`).join(', ')})
      is distinct from (${names.map((name) => `excluded.${name}`).join(', ')})`);
}

async function removeForgotten(client: pg.PoolClient, dimension: Dimension): Promise<void> {
  const { table, run, id } = dimension;
  await client.query(`
    delete from ${table} using ${touchedTable(dimension)} touched
    where ${id} = touched.id and not exists (select from ${run} run where run.${id} = touched.id)`);
}
