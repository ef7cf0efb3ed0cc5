import { ABSENT, accepted, flagged, type Normalised, refused, type ValueIssue } from './normalised.js';
import type { OpeningPeriod } from './observation.js';

const TIME = /^\s*(\d{1,2}):([0-5]\d)(?::[0-5]\d)?\s*$/;

/** Upper bound for different periods: their JSON then fits the column. Two periods a day and one on holidays are 15. */
const MAX_PERIODS = 300;

/**
 * Convert regular hours in OCPI's form ({weekday, period_begin, period_end}) to canonical JSON of `OpeningPeriod`s:
 * sorted, without duplicates, times as "HH:MM". `[]` stays `[]`. An end at 24:00 becomes 00:00.
 *
 * Hours that can't be read completely are null, because without one of its periods a station would count as closed in
 * this period.
 * Issues: `not_an_array`; `bad_opening_period` with the position of an unreadable period; `too_many_periods`.
 */
export function normaliseOpeningHours(raw: unknown): Normalised<string> {
  if (raw === null || raw === undefined) return ABSENT;
  if (!Array.isArray(raw)) return refused('not_an_array', raw);
  const issues: ValueIssue[] = [];
  const periods: OpeningPeriod[] = [];
  raw.forEach((item: unknown, index) => {
    const period = readPeriod(item);
    if (period) periods.push(period);
    else issues.push({ reason: 'bad_opening_period', at: `[${index}]`, raw: item });
  });
  if (issues.length > 0) return flagged<string>(null, issues);
  const distinct = new Set(periods.sort(comparePeriods).map((period) => JSON.stringify(period)));
  if (distinct.size > MAX_PERIODS) return refused('too_many_periods', raw);
  return accepted(`[${[...distinct].join(',')}]`);
}

function readPeriod(item: unknown): OpeningPeriod | null {
  if (typeof item !== 'object' || item === null) return null;
  const { weekday, period_begin, period_end } = item as Record<string, unknown>;
  const day = readWeekday(weekday);
  const begin = readTime(period_begin);
  const end = readTime(period_end);
  if (day === null || begin === null || end === null || begin === '24:00') return null;
  return { weekday: day, begin, end: end === '24:00' ? '00:00' : end };
}

function readWeekday(raw: unknown): OpeningPeriod['weekday'] | null {
  if (raw === 'holiday') return raw;
  const weekday = typeof raw === 'string' && /^\s*[1-7]\s*$/.test(raw) ? Number(raw) : raw;
  return typeof weekday === 'number' && Number.isInteger(weekday) && weekday >= 1 && weekday <= 7
    ? weekday
    : null;
}

function readTime(raw: unknown): string | null {
  const match = typeof raw === 'string' ? TIME.exec(raw) : null;
  if (!match) return null;
  const time = `${(match[1] ?? '').padStart(2, '0')}:${match[2] ?? ''}`;
  return time <= '24:00' ? time : null;
}

/** Compare periods: by weekday ("holiday" last), then by begin and end. */
function comparePeriods(a: OpeningPeriod, b: OpeningPeriod): number {
  const [left, right] = [rank(a), rank(b)];
  return left < right ? -1 : Number(left > right);
}

function rank(period: OpeningPeriod): string {
  return `${period.weekday === 'holiday' ? 8 : period.weekday} ${period.begin} ${period.end}`;
}
