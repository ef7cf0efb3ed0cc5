import { CONNECTOR_COLUMNS, POINT_COLUMNS, STATION_COLUMNS } from '../../domain/flatFiles.js';

/** A dimension, the runs that it is derived from, and its versions (see history.ts). */
export interface Dimension {
  table: string;
  run: string;
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

function dimension(table: string, id: string, columns: readonly string[]): Dimension {
  return { table, run: `${table}_run`, history: `${table}_history`, id, columns };
}

/** The entities that a publication touches: a temporary table of their ids. */
export function touchedTable({ run }: Dimension): string {
  return `touched_${run}`;
}

/** Spans of any kind: of an entity's content, or of its statuses. */
export type Runs = Pick<Dimension, 'run' | 'id' | 'columns'>;
