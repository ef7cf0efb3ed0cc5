import type { Day } from '../domain/day.js';
import type { Minutes } from '../domain/shares.js';

/** What measures can be summed up by: a dimension's attribute, as it was at the time, or a part of local time. */
export const ROLL_UPS = [
  'point',
  'station',
  'city',
  'postal_code',
  'operator',
  'power',
  'standard',
  'hour',
  'weekday',
  'day',
  'week',
  'month',
] as const;
export type RollUp = (typeof ROLL_UPS)[number];

export interface MeasuresQuery {
  /** Local days, both included. */
  from: Day;
  to: Day;
  by: RollUp;
  /** The period is also divided into buckets of so many days. */
  bucketDays: number;
}

/** What was measured of one key of a roll-up; the whole period, or one bucket of it. Minutes are those of all its charging points. */
export interface Measures extends Minutes {
  /** Whether it is all keys together. */
  isTotal: boolean;
  /** Empty where the attribute is not known. */
  key: string;
  /** What people call it, where that is not the key. */
  label: string | null;
  /** 0 is the whole period; the buckets follow from 1 on. */
  bucket: number;
  /** Charging points and stations that were there at some time. */
  points: number;
  stations: number;
  /** Charging events that began in the period, and how long they lasted, also behind it. */
  events: number;
  eventMinutes: number;
  medianEventMinutes: number | null;
  /** Those that may have begun earlier, or lasted longer, than was observed. */
  cutEvents: number;
  /** Outages that began in the period. */
  outages: number;
  longestOutageMinutes: number | null;
}
