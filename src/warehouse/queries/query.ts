import type { Day } from '../../domain/day.js';

/**
 * A query of the API, which many readers use. It is fast, and its result has a bounded size. `registry.ts` lists all
 * queries by name.
 */
export interface Query<Parameters extends readonly unknown[], Row> {
  /** Columns of the rows, without columns that only some parameters add. */
  columns: readonly (keyof Row & string)[];
  statement(settings: QuerySettings, ...parameters: Parameters): Statement;
}

export interface QuerySettings {
  /** Number of missing slots over which the last observed status is still valid now. */
  bridgedSlots: number;
}

export interface Statement {
  text: string;
  values: unknown[];
}

/** Values of a statement's parameters, collected while the statement is built. */
export class Parameters {
  readonly values: unknown[] = [];

  /** Add a value, and return its placeholder in the statement. */
  add(value: unknown): string {
    return `$${this.values.push(value)}`;
  }

  /** Return a condition for each value that is not undefined, joined by `and`. */
  where(conditions: Record<string, unknown>): string {
    const texts = Object.entries(conditions)
      .filter(([, value]) => value !== undefined)
      .map(([condition, value]) => condition.replace('?', this.add(value)));
    return texts.length === 0 ? 'true' : texts.join(' and ');
  }
}

/**
 * Position after which a page begins: the values that the last row of the page before has in the columns of the order.
 */
export type After = readonly (string | number)[];

/** A requested page: at most `limit` rows after a position. */
export interface PageOf {
  limit: number;
  after?: After | undefined;
}

/**
 * A period of local days from `from` to `to`, both included. `start` and `end` are its bounds in milliseconds since the
 * epoch, half-open.
 */
export interface Period {
  from: Day;
  to: Day;
  start: number;
  end: number;
}

/** Filter for one charging point, or for those of a station or a city. */
export interface ChargingPointFilter {
  id_cp?: string | undefined;
  id_cs?: number | undefined;
  city?: string | undefined;
}

/** Return the condition for rows after a position in the order of `columns`. */
export function behind(after: After | undefined, columns: string[], parameters: Parameters): string {
  if (after === undefined) return 'true';
  return `(${columns.join(', ')}) > (${after.map((value) => parameters.add(value)).join(', ')})`;
}
