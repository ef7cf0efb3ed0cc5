import { type Day, daysBetween, parseDay } from '../../domain/day.js';
import { PROMISED_TABLES, type Relation } from '../../warehouse/relation.js';
import type { Snapshot } from '../../warehouse/snapshot.js';

/** Name that selects every table and view. */
const ALL_TABLES = 'all';

/**
 * Return the tables that a list of names selects, each once.
 *
 * @param names table names separated by commas, or `all`. Default: the six promised tables.
 * @throws RangeError when no table has one of the names
 */
export function chooseTables(
  { relations }: Pick<Snapshot, 'relations'>,
  names: string | undefined,
): Relation[] {
  if (names?.trim() === ALL_TABLES) return relations;
  const wanted = new Set(names?.split(',').map((name) => name.trim()) ?? PROMISED_TABLES);
  return [...wanted].map((wantedName) => {
    const relation = relations.find(({ name }) => name === wantedName);
    if (relation) return relation;
    const known = relations.map(({ name }) => name).join(', ');
    throw new RangeError(`there is no table "${wantedName}"; choose from ${known}, or ${ALL_TABLES}`);
  });
}

/**
 * Return the local days from `from` to `to`, both included, limited to the range from the first loaded day to the last.
 * Days within this range that are not loaded are included.
 *
 * @throws RangeError when a text is no day, the first day is after the last, or no day of the range is loaded
 */
export function chooseDays(
  { days: loaded }: Pick<Snapshot, 'days'>,
  { from, to }: { from?: string | undefined; to?: string | undefined },
): Day[] {
  const first = loaded[0] ?? '';
  const last = loaded.at(-1) ?? '';
  const wanted = { from: parseDay(from ?? first), to: parseDay(to ?? last) };
  if (from !== undefined && to !== undefined && from > to)
    throw new RangeError(`the first day ${from} is after the last day ${to}`);
  if (!loaded.some((day) => day >= wanted.from && day <= wanted.to))
    throw new RangeError(
      `none of these days is loaded; loaded days: ${loaded.length}, from ${first} to ${last}`,
    );
  return daysBetween(wanted.from > first ? wanted.from : first, wanted.to < last ? wanted.to : last);
}

/**
 * Return whether a table is written day by day: it has a column `day` that is a date, unlike the day of the month in
 * `time`.
 */
export function isOfDays({ columns }: Relation): boolean {
  return columns.some(({ name, type }) => name === 'day' && type === 'date');
}
