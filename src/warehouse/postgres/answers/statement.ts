import type { After } from '../../answers.js';

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

/** The condition for rows behind a place, by these columns. */
export function behind(after: After | undefined, columns: string[], parameters: Parameters): string {
  if (after === undefined) return 'true';
  return `(${columns.join(', ')}) > (${after.map((value) => parameters.add(value)).join(', ')})`;
}
