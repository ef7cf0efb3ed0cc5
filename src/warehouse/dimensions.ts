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
  /** Whether entities have coordinates. Versions ignore small moves. */
  hasCoordinates: boolean;
}

const COORDINATES: readonly string[] = ['longitude', 'latitude'];

/** Parents come before children. Rows are inserted in this order, and deleted in the reverse order. */
export const DIMENSIONS: readonly Dimension[] = [
  dimension('charging_station', 'id_cs', STATION_COLUMNS),
  dimension('charging_point', 'id_cp', POINT_COLUMNS),
  dimension('connector', 'id_connector', CONNECTOR_COLUMNS),
];

/** Number of different hours with complete polls that must lack an entity before it is retired. */
const GRACE_HOURS = 24;

function dimension(table: string, id: string, columns: readonly string[]): Dimension {
  const hasCoordinates = COORDINATES.every((column) => columns.includes(column));
  return { table, spans: `${table}_content_span`, history: `${table}_history`, id, columns, hasCoordinates };
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

/** Files with the steps of {@link deriveHistory}. */
const STEPS = ['phased', 'sequence', 'history'];
const STEPS_WITH_COORDINATES = ['phased', 'wavering', 'sequence', 'moved', 'history'];

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
  for (const dimension of DIMENSIONS) {
    let known: Parameters = { ...named(database, dimension), ...window, grace_hours: GRACE_HOURS };
    for (const step of dimension.hasCoordinates ? STEPS_WITH_COORDINATES : STEPS)
      known = await runMeasure(client, database, step, known);
  }
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
export function named(database: Database, dimension: Dimension): Parameters {
  const { table, spans, history, id, columns } = dimension;
  return {
    dimension: new Sql(table),
    spans: new Sql(spans),
    history: new Sql(history),
    touched: new Sql(`touched_${spans}`),
    id: new Sql(id),
    columns,
    spanned: SPAN_COLUMNS,
    content: new Sql(columns.map(asContent).join(', ')),
    differing: new Sql(differing(database, columns, dimension)),
    ...compared(database, dimension),
  };
}

/** Return the parameters that say how versions compare coordinates, and the other columns. */
function compared(database: Database, dimension: Dimension): Parameters {
  const { columns, hasCoordinates } = dimension;
  const fixed = hasCoordinates ? columns.filter((column) => !COORDINATES.includes(column)) : columns;
  const earlier = database === 'postgres' ? '(earlier)' : 'before';
  const coordinate = (name: string) => new Sql(hasCoordinates ? name : 'null::float8');
  const begun = hasCoordinates ? ', history.longitude, history.latitude' : '';
  return {
    fixed,
    differing_fixed: new Sql(differing(database, fixed, dimension)),
    earlier_longitude: coordinate(`${earlier}.longitude`),
    earlier_latitude: coordinate(`${earlier}.latitude`),
    begun_longitude: coordinate('begun.longitude'),
    begun_latitude: coordinate('begun.latitude'),
    begun: new Sql(`history.valid_from, history.changed${begun}`),
    of_version: new Sql(columns.map((column) => ofVersion(database, column, dimension)).join(', ')),
    moved: new Sql(moved('this.', 'anchor.')),
  };
}

/**
 * Return an expression for a column of a version: that of the version's first span. For a version that began before the
 * spans that are read, only coordinates may differ from the first span; they are those of the version.
 */
function ofVersion(database: Database, column: string, { hasCoordinates }: Dimension): string {
  const name = pg.escapeIdentifier(column);
  const isCoordinate = hasCoordinates && COORDINATES.includes(column);
  if (database === 'postgres')
    return isCoordinate
      ? `case when has_begun then begun_${column} else (this).${name} end`
      : `(this).${name}`;
  return isCoordinate
    ? `case when made.first_phase = 0 then begun.${name} else this.${name} end as ${name}`
    : `this.${name}`;
}

/** Largest move, in metres, that versions ignore. */
const NEAR_METRES = 10;
/** Length of a degree of latitude, in metres. */
const METRES_PER_DEGREE = 111_320;

/**
 * Return an expression that is 1 if a row's coordinates are more than {@link NEAR_METRES} away from those of an anchor,
 * else 0. Coordinates that only one of them has are away. For such small distances, the earth is flat.
 *
 * @param row what stands before the column of the row, such as `this.`
 * @param anchor what stands before the column of the anchor
 */
function moved(row: string, anchor: string): string {
  const same = COORDINATES.map(
    (column) =>
      `(${row}${column} = ${anchor}${column} or (${row}${column} is null and ${anchor}${column} is null))`,
  );
  const north = `(${row}latitude - ${anchor}latitude) * ${METRES_PER_DEGREE}`;
  const east = `(${row}longitude - ${anchor}longitude) * ${METRES_PER_DEGREE} * cos(radians(${anchor}latitude))`;
  return `(case
    when ${same.join(' and ')} then 0
    when power(${north}, 2) + power(${east}, 2) <= ${NEAR_METRES ** 2} then 0
    else 1
  end)`;
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
 * On Postgres, `this` and `before` are composite values. Coordinates are compared with those of the anchor, the first
 * coordinates of the version before, and differ only if the entity moved away from them.
 */
function differing(database: Database, columns: readonly string[], { hasCoordinates }: Dimension): string {
  const [now, before] = database === 'postgres' ? ['(this)', '(before)'] : ['this', 'before'];
  const anchor = database === 'postgres' ? 'anchor_' : 'this.anchor_';
  return columns
    .map((column) => {
      const name = pg.escapeIdentifier(column);
      const isCoordinate = hasCoordinates && COORDINATES.includes(column);
      const [a, b] = [`${now}.${name}`, isCoordinate ? `${anchor}${column}` : `${before}.${name}`];
      const isSame = `${a} = ${b} or (${a} is null and ${b} is null)`;
      const near = isCoordinate ? `${moved(`${now}.`, anchor)} = 0 or ` : '';
      return `case when ${near}${isSame} then '' else ${pg.escapeLiteral(`,${column}`)} end`;
    })
    .join(' || ');
}
