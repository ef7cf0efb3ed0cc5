import { z } from 'zod';
import { addDays, dayBounds, daysBetween } from '../../domain/day.js';
import type { Period } from '../../warehouse/queries/query.js';
import { Problem } from './problem.js';

const day = z.iso
  .date('a day such as 2022-01-31')
  .refine((text) => text >= '2000' && text < '2200', 'a day of this time');

/** Parameters of a period of local days, both included. */
export const periodParameters = {
  from: day
    .optional()
    .describe('First local day. Default: so that the days are the last ones that are loaded.'),
  to: day.optional().describe('Last local day. Default: the last one that is loaded.'),
};

/** Defaults and limits of a period; `loaded` is the last loaded day, or null. */
export interface SpanOptions {
  loaded: string | null;
  timeZone: string;
  /** Number of days when the request does not name a first day. */
  days: number;
  /** Largest number of days. */
  most: number;
}

/**
 * Return the requested period.
 *
 * @throws Problem when nothing is loaded and no day is named, the first day is after the last, or the period is too
 * long
 */
export function periodOf(
  query: { from?: string | undefined; to?: string | undefined },
  options: SpanOptions,
): Period {
  const { loaded, timeZone, days, most } = options;
  const to = query.to ?? loaded ?? query.from;
  if (to === undefined) throw new Problem(404, 'Nothing is loaded yet.');
  const from = query.from ?? addDays(to, 1 - days);
  if (from > to) throw new Problem(400, `from: ${from} is after to, ${to}`);
  if (daysBetween(from, to).length > most)
    throw new Problem(400, `from, to: ${most} days at most in one answer`);
  return { from, to, start: dayBounds(from, timeZone).start, end: dayBounds(to, timeZone).end };
}
