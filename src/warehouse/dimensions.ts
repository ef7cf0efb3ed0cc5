import pg from 'pg';
import { CONNECTOR_COLUMNS, POINT_COLUMNS, SPAN_COLUMNS, STATION_COLUMNS } from '../domain/flatFiles.js';
import { JSON_ATTRIBUTES } from '../domain/masterData.js';
import { type Database, runMeasure } from './measures/run.js';
import { type Parameters, Sql } from './measures/sql.js';

/**
 * A dimension: the names of its table, of the table of content spans that it is derived from, of its history, and of
 * its id.
 */
export interface Dimension {
  table: string;
  spans: string;
  history: string;
  id: string;
  columns: readonly string[];
}

/** Parents come before children. Rows are inserted in this order, and deleted in the reverse order. */
export const DIMENSIONS: readonly Dimension[] = [
  dimension('charging_station', 'id_cs', STATION_COLUMNS),
  dimension('charging_point', 'id_cp', POINT_COLUMNS),
  dimension('connector', 'id_connector', CONNECTOR_COLUMNS),
];

/** Number of different hours with complete polls that must lack an entity before it is retired. */
const GRACE_HOURS = 24;

function dimension(table: string, id: string, columns: readonly string[]): Dimension {
  return { table, spans: `${table}_content_span`, history: `${table}_history`, id, columns };
}

/** Replace the day's content spans by those of the load, and note the entities in the old or new spans as touched. */
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
 * Derive the history (slowly changing dimension, type 2) of the entities that a publication touches, from the content
 * spans of all loaded days. The result does not depend on the order in which days are loaded.
 *
 * @param window range of time in which the publication may have changed content spans or the completeness of polls;
 *   half-open
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
 * Derive the dimension rows of the touched entities from their history. Delete the row of an entity that no loaded day
 * has. Call after every other use of the list of touched entities.
 */
export async function deriveDimensions(client: pg.PoolClient, database: Database): Promise<void> {
  for (const [name, dimensions] of [
    ['dimension', DIMENSIONS],
    ['forgotten', [...DIMENSIONS].reverse()],
  ] as const)
    for (const dimension of dimensions) await runMeasure(client, database, name, named(database, dimension));
}

/** Return the parameters of a dimension for the statements in `sql/`: names of its tables and columns. */
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

/**
 * Return an expression that converts a column of a content span to the type in the dimension and its history, on
 * Redshift. Content spans have JSON as text.
 */
function asContent(column: string): string {
  const name = pg.escapeIdentifier(column);
  return JSON_ATTRIBUTES.has(column) ? `json_parse(${name})` : name;
}

/**
 * Return an expression for the names of the columns in which the rows `this` and `before` differ, each after a comma.
 * On Postgres, `this` and `before` are composite values.
 */
function differing(database: Database, columns: readonly string[]): string {
  const [now, before] = database === 'postgres' ? ['(this)', '(before)'] : ['this', 'before'];
  return columns
    .map((column) => {
      const [a, b] = [now, before].map((row) => `${row}.${pg.escapeIdentifier(column)}`);
      return `case when ${a} = ${b} or (${a} is null and ${b} is null) then '' else ${pg.escapeLiteral(`,${column}`)} end`;
    })
    .join(' || ');
}
