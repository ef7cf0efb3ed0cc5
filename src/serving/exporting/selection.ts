import { type Day, daysBetween, parseDay } from '../../domain/day.js';
import { PROMISED_TABLES, type Relation } from '../../warehouse/relation.js';
import type { Snapshot } from '../../warehouse/snapshot.js';

/** What stands for every table and view. */
const ALL_TABLES = 'all';

/**
 * The tables that a list of names means, each once.
 *
 * @param names separated by commas; `all`; undefined for the six promised ones
 * @throws RangeError for a name that no table has
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
    throw new RangeError(`there is no table "${wantedName}", but ${known}; or ${ALL_TABLES} of them`);
  });
}

/**
 * The local days from the first to the last, both included, as far as the warehouse reaches: from its first loaded day
 * to its last one, with those in between that are not loaded.
 *
 * @throws RangeError for what is no day, where the first is after the last, and where none is loaded in between
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
    throw new RangeError(`no day of these is loaded, but ${loaded.length} from ${first} to ${last}`);
  return daysBetween(wanted.from > first ? wanted.from : first, wanted.to < last ? wanted.to : last);
}

/** Whether a table is written day by day: it has a column of days, and not of a month's days as `time` has. */
export function isOfDays({ columns }: Relation): boolean {
  return columns.some(({ name, type }) => name === 'day' && type === 'date');
}
