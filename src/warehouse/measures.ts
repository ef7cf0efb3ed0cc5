import type { Day } from '../domain/day.js';
import type { Minutes } from '../domain/shares.js';

/** What measures can be summed up by: a dimension's attribute, as it was at the time, or a part of local time. */
export const ROLL_UPS = [
  'city',
  'point',
  'station',
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

/** What the findings of the rules of quality can be summed up by. */
export const QUALITY_ROLL_UPS = ['rule', 'severity', 'feed', 'day', 'week', 'month'] as const;
export type QualityRollUp = (typeof QUALITY_ROLL_UPS)[number];

/** What changes of master data can be summed up by: what changed, an attribute of its station as it is today, or a part of local time. */
export const CHANGE_ROLL_UPS = [
  'city',
  'entity',
  'attribute',
  'station',
  'operator',
  'feed',
  'day',
  'week',
  'month',
] as const;
export type ChangeRollUp = (typeof CHANGE_ROLL_UPS)[number];

export interface PeriodQuery<By> {
  /** Local days, both included. */
  from: Day;
  to: Day;
  by: By;
  /** The period is also divided into buckets of so many days. */
  bucketDays: number;
}

/** What is of one key of a roll-up; the whole period, or one bucket of it. */
export interface Bucketed {
  /** Whether it is all keys together. */
  isTotal: boolean;
  /** Empty where the attribute is not known. */
  key: string;
  /** What people call it, where that is not the key. */
  label: string | null;
  /** 0 is the whole period; the buckets follow from 1 on. */
  bucket: number;
}

/** What was measured of charging points. Minutes are those of all of them. */
export interface Measures extends Bucketed, Minutes {
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

/** What rules of quality found. */
export interface QualityMeasures extends Bucketed {
  checked: number;
  failed: number;
  /** How often a rule failed on a day. */
  broken: number;
  /** The rule's own; null where several are summed up. */
  threshold: number | null;
  severity: string | null;
  meaning: string | null;
}

/** Changes of stations, charging points and connectors. */
export interface ChangeMeasures extends Bucketed {
  appeared: number;
  changed: number;
  returned: number;
  retired: number;
}

/** What a rule of quality found wrong with one of its subjects in a period. */
export interface QualityFinding {
  rule: string;
  severity: string;
  feed: string;
  subject: string;
  id: string;
  /** What people call it. */
  label: string | null;
  /** What was wrong with it last. */
  value: string | null;
  failed: number;
  /** Days on which it was wrong. */
  days: number;
}

/** Where a station is. */
export interface Location {
  /** As a roll-up by station has it. */
  key: string;
  name: string;
  city: string;
  /** Degrees, EPSG:4326. */
  longitude: number;
  latitude: number;
  stations: number;
}
