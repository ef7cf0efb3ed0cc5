import type pg from 'pg';
import { DIMENSIONS, touchedTable, type Dimension } from '../load/dimension.js';
import { withTemporary } from '../load/temporary.js';
import { FILE_TABLES, list, replaceDay } from '../load/tables.js';
import { literal } from '../literal.js';

/** Columns that runs hold as text and readers see as JSON. */
const JSON_COLUMNS: ReadonlySet<string> = new Set(['opening_hours', 'capabilities']);

const RUN_TABLES = {
  charging_station_run: FILE_TABLES.charging_station_run,
  charging_point_run: FILE_TABLES.charging_point_run,
  connector_run: FILE_TABLES.connector_run,
};

/** The content of a run as the dimension and its history hold it. */
export function contentOf({ columns }: Dimension, run: string): string {
  return columns
    .map((column) => (JSON_COLUMNS.has(column) ? `json_parse(${run}.${column})` : `${run}."${column}"`))
    .join(', ');
}

/** Notes the entities that a publication touches: of the day, as it was and as it will be. */
export async function noteTouched(client: pg.PoolClient, day: string): Promise<void> {
  for (const dimension of DIMENSIONS) {
    const { run, id } = dimension;
    await client.query(
      `create temp table ${touchedTable(dimension)} distkey (id) as
       select ${id} as id from ${run} where day = ${literal(day)} union select ${id} from new_${run}`,
    );
  }
}

/** Forgets them, at the end of the publication. */
export async function forgetTouched(client: pg.PoolClient): Promise<void> {
  for (const dimension of DIMENSIONS) await client.query(`drop table ${touchedTable(dimension)}`);
}

/** Replaces the day's runs with the load's. */
export async function replaceRuns(client: pg.PoolClient, day: string): Promise<void> {
  for (const of of Object.values(RUN_TABLES)) await replaceDay(client, of, day);
}

/**
 * Derives the dimensions' rows of the touched entities: the content of the latest slot of all loaded days, and since
 * when the entity is gone, as its history tells; no row where no day holds it any more.
 */
export async function deriveDimensions(client: pg.PoolClient): Promise<void> {
  for (const dimension of DIMENSIONS)
    await withTemporary(client, 'latest', 'distkey (id)', LATEST(dimension), () =>
      replace(client, dimension),
    );
}

const LATEST = (dimension: Dimension) => {
  const { run, history, id, columns } = dimension;
  return `
    with placed as (
      select run.${id} as id, run.last_slot, run.feed, ${list(columns, 'run.')},
        row_number() over (partition by run.${id} order by run.last_slot desc) as place
      from ${run} run join ${touchedTable(dimension)} touched on touched.id = run.${id}
    ), version as (
      select history.${id} as id, history.valid_to,
        row_number() over (partition by history.${id} order by history.valid_from desc) as place
      from ${history} history join ${touchedTable(dimension)} touched on touched.id = history.${id}
    )
    select placed.id, placed.last_slot, placed.feed, ${list(columns, 'placed.')}, version.valid_to
    from placed join version on version.id = placed.id and version.place = 1
    where placed.place = 1`;
};

async function replace(client: pg.PoolClient, dimension: Dimension): Promise<void> {
  const { table, id, columns } = dimension;
  const touched = touchedTable(dimension);
  await client.query(`delete from ${table} using ${touched} where ${table}.${id} = ${touched}.id`);
  await client.query(
    `insert into ${table} (${id}, ${list(columns)}, feed, last_seen, retired_at)
     select latest.id, ${contentOf(dimension, 'latest')}, latest.feed, latest.last_slot, latest.valid_to from latest`,
  );
}
