import type { Day } from '../../domain/day.js';

/**
 * A question that many readers ask, by name (`registry.ts`): small, of bounded size, and quick.
 */
export interface Query<Parameters extends readonly unknown[], Row> {
  /** The columns of its rows; those that only some parameters bring are left out. */
  columns: readonly (keyof Row & string)[];
  statement(settings: QuerySettings, ...parameters: Parameters): Statement;
}

export interface QuerySettings {
  /** What was seen lately holds now: no more slots are missing since. */
  bridgedSlots: number;
}

export interface Statement {
  text: string;
  values: unknown[];
}

/** The values of a statement's parameters while it is being put together. */
export class Parameters {
  readonly values: unknown[] = [];

  /** Adds a value. Returns what stands for it in the statement. */
  add(value: unknown): string {
    return `$${this.values.push(value)}`;
  }

  /** A condition for each value that is there; the others hold for every row. */
  where(conditions: Record<string, unknown>): string {
    const texts = Object.entries(conditions)
      .filter(([, value]) => value !== undefined)
      .map(([condition, value]) => condition.replace('?', this.add(value)));
    return texts.length === 0 ? 'true' : texts.join(' and ');
  }
}

/** Where a page goes on: behind the row with these values of what rows are ordered by. */
export type After = readonly (string | number)[];

/** A page that is asked for: at most so many rows, behind a position. */
export interface PageOf {
  limit: number;
  after?: After | undefined;
}

/** Instants in milliseconds since the epoch, half-open, of local days, both included. */
export interface Period {
  from: Day;
  to: Day;
  start: number;
  end: number;
}

/** A charging point, or those of a station or a city. */
export interface ChargingPointFilter {
  id_cp?: string | undefined;
  id_cs?: number | undefined;
  city?: string | undefined;
}

/** The condition for rows behind a position, by these columns. */
export function behind(after: After | undefined, columns: string[], parameters: Parameters): string {
  if (after === undefined) return 'true';
  return `(${columns.join(', ')}) > (${after.map((value) => parameters.add(value)).join(', ')})`;
}
