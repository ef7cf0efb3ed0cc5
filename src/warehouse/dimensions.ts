import pg from 'pg';
import { CONNECTOR_COLUMNS, POINT_COLUMNS, SPAN_COLUMNS, STATION_COLUMNS } from '../domain/flatFiles.js';
import { JSON_ATTRIBUTES } from '../domain/masterData.js';
import { type Database, runMeasure } from './measures/run.js';
import { type Parameters, Sql } from './measures/sql.js';

/** A dimension, the content spans that it is derived from, and its versions. */
export interface Dimension {
  table: string;
  spans: string;
  history: string;
  id: string;
  columns: readonly string[];
}

/** From the top down: a row's parent is there before it, and goes after it. */
export const DIMENSIONS: readonly Dimension[] = [
  dimension('charging_station', 'id_cs', STATION_COLUMNS),
  dimension('charging_point', 'id_cp', POINT_COLUMNS),
  dimension('connector', 'id_connector', CONNECTOR_COLUMNS),
];

/** An entity is retired once complete polls in so many different hours have lacked it. */
const GRACE_HOURS = 24;

function dimension(table: string, id: string, columns: readonly string[]): Dimension {
  return { table, spans: `${table}_content_span`, history: `${table}_history`, id, columns };
}

/** Replaces the day's content spans by those of the load, and notes the entities of either. */
export async function replaceContentSpans(
  client: pg.PoolClient,
  database: Database,
  day: string,
): Promise<void> {
  for (const dimension of DIMENSIONS)
    for (const name of ['touched', 'content'])
      await runMeasure(client, database, name, { ...named(database, dimension), day });
}

/**
 * Derives the history (type 2) of the entities that a publication touches, from the content spans of all loaded days. The
 * result is the same as if all had been derived at once, whatever order days are loaded in.
 *
 * @param window between which instants the publication may have changed what is known; half-open
 */
export async function deriveHistory(
  client: pg.PoolClient,
  database: Database,
  window: { from: Date; to: Date },
): Promise<void> {
  for (const dimension of DIMENSIONS)
    await runMeasure(client, database, 'history', {
      ...named(database, dimension),
      ...window,
      grace_hours: GRACE_HOURS,
    });
}

/**
 * Derives the dimensions' rows of the touched entities from their history; no row where no day holds one any more. Call last
 * of all that knows which entities are touched.
 */
export async function deriveDimensions(client: pg.PoolClient, database: Database): Promise<void> {
  for (const [name, dimensions] of [
    ['dimension', DIMENSIONS],
    ['forgotten', [...DIMENSIONS].reverse()],
  ] as const)
    for (const dimension of dimensions) await runMeasure(client, database, name, named(database, dimension));
}

/** Returns what statements call a dimension and what is of it. */
export function named(database: Database, { table, spans, history, id, columns }: Dimension): Parameters {
  return {
    dimension: new Sql(table),
    spans: new Sql(spans),
    history: new Sql(history),
    touched: new Sql(`touched_${spans}`),
    id: new Sql(id),
    columns,
    spanned: SPAN_COLUMNS,
    content: new Sql(columns.map(asContent).join(', ')),
    differing: new Sql(differing(database, columns)),
  };
}

/** A column of a content span on Redshift, as the dimension and its history hold it: content spans hold JSON as text. */
function asContent(column: string): string {
  const name = pg.escapeIdentifier(column);
  return JSON_ATTRIBUTES.has(column) ? `json_parse(${name})` : name;
}

/** A text of the columns in which the rows `this` and `before` differ, each behind a comma. Postgres has them as values. */
function differing(database: Database, columns: readonly string[]): string {
  const [now, before] = database === 'postgres' ? ['(this)', '(before)'] : ['this', 'before'];
  return columns
    .map((column) => {
      const [a, b] = [now, before].map((row) => `${row}.${pg.escapeIdentifier(column)}`);
      return `case when ${a} = ${b} or (${a} is null and ${b} is null) then '' else ${pg.escapeLiteral(`,${column}`)} end`;
    })
    .join(' || ');
}
