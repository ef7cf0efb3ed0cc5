import type { Day } from '../domain/day.js';
import type { Relation } from '../warehouse/relation.js';
import type { Snapshot } from '../warehouse/snapshot.js';
import type { Format } from './format.js';

/**
 * CSV as RFC 4180 has it, in UTF-8 with a header: Postgres writes it itself. A file of a day has the day too, because
 * spreadsheets do not look at folders' names.
 */
export const csv: Format = {
  extension: 'csv',
  repeatsDay: true,
  write: (snapshot, part, onRows) => snapshot.csv(part, { header: true, onRows }),
};

/** A table as one CSV: of some days, one after the other, or whole. */
export async function* readAsCsv(
  snapshot: Snapshot,
  relation: Relation,
  days: readonly (Day | null)[],
  onRows: (rows: number) => void,
): AsyncGenerator<Buffer> {
  for (const [index, day] of days.entries())
    yield* snapshot.csv({ relation, columns: relation.columns, day }, { header: index === 0, onRows });
}
