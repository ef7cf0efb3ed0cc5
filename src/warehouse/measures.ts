import type { Day } from '../domain/day.js';
import type { Minutes } from '../domain/shares.js';

/**
 * Attributes by which measures can be summed: an attribute of a dimension as it was at that time, or a unit of local
 * time.
 */
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

/** Attributes by which violations of quality rules can be summed. */
export const QUALITY_ROLL_UPS = ['rule', 'severity', 'feed', 'day', 'week', 'month'] as const;
export type QualityRollUp = (typeof QUALITY_ROLL_UPS)[number];

/**
 * Attributes by which changes of master data can be summed: the kind of change, an attribute of the station as it is
 * today, or a unit of local time.
 */
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
  /** First local day; `to` is the last local day, included. */
  from: Day;
  to: Day;
  by: By;
  /** Length of a bucket in days. The period is also divided into buckets. */
  bucketDays: number;
}

/** One key of a roll-up, for the whole period or for one bucket. */
export interface Bucketed {
  /** Whether the row sums all keys. */
  isTotal: boolean;
  /** Value of the attribute; empty if it is not known. */
  key: string;
  /** Name for people; null if it equals the key. */
  label: string | null;
  /** Number of the bucket, from 1; 0 is the whole period. */
  bucket: number;
}

/** Measures of the charging points of a key. Minutes are sums over all its charging points. */
export interface Measures extends Bucketed, Minutes {
  /** Number of charging points that existed at some time in the period; `stations` likewise. */
  points: number;
  stations: number;
  /**
   * Number of charging events that began in the period. `eventMinutes` is their duration, including minutes after the
   * period.
   */
  events: number;
  eventMinutes: number;
  medianEventMinutes: number | null;
  /** Number of charging events that may have begun earlier or lasted longer than observed. */
  cutEvents: number;
  /** Number of outages that began in the period. */
  outages: number;
  longestOutageMinutes: number | null;
}

/** Results of quality rules. */
export interface QualityMeasures extends Bucketed {
  checked: number;
  failed: number;
  /** Number of times a rule exceeded its threshold on a day. */
  broken: number;
  /** Threshold of the rule; null if the row sums several rules. The same holds for `severity` and `meaning`. */
  threshold: number | null;
  severity: string | null;
  meaning: string | null;
}

/** Numbers of changes of stations, charging points and connectors. */
export interface ChangeMeasures extends Bucketed {
  appeared: number;
  changed: number;
  returned: number;
  retired: number;
}

/** Violations of a quality rule by one entity in a period. */
export interface QualityFinding {
  rule: string;
  severity: string;
  feed: string;
  subject: string;
  id: string;
  /** Name of the entity for people; null if it has none. */
  label: string | null;
  /** The value that violated the rule last. */
  value: string | null;
  failed: number;
  /** Number of days with a violation. */
  days: number;
}

/** Location of a station. */
export interface Location {
  /** Key of the station in a roll-up by station. */
  key: string;
  name: string;
  city: string;
  /** Degrees, EPSG:4326 (WGS 84); `latitude` likewise. */
  longitude: number;
  latitude: number;
  stations: number;
}
