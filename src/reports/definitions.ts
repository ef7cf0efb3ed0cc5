import { chargingShare, observedShare, uptime, uptimeStrict, utilization } from '../domain/shares.js';
import type { Measures } from '../warehouse/measures.js';

export const REPORTS = ['utilization', 'uptime', 'events'] as const;
export type ReportName = (typeof REPORTS)[number];

type Measure = (measures: Measures) => number | null;

export interface Column {
  /** What people read; the key is what programs do. */
  name: string;
  key: string;
  /** A share is 0 to 1; a duration is in minutes. */
  kind: 'share' | 'count' | 'decimal' | 'duration';
  of: Measure;
  /** It is the difference to the period before. */
  isChange?: boolean;
}

export interface Definition {
  /** In one sentence: what is measured. */
  meaning: string;
  /** What rows are ranked by, and what the trend is of. */
  measure: Measure;
  kind: Column['kind'];
  /** Whether the lowest come first. */
  worstFirst?: boolean;
  columns: Column[];
}

const POINTS: Column = { name: 'charging points', key: 'points', kind: 'count', of: ({ points }) => points };
const OBSERVED: Column = { name: 'observed', key: 'observed_share', kind: 'share', of: observedShare };
const EVENTS: Column = { name: 'charging events', key: 'events', kind: 'count', of: ({ events }) => events };
const PER_POINT_AND_DAY: Column = {
  name: 'per point and day',
  key: 'events_per_point_and_day',
  kind: 'decimal',
  of: ({ events, possible }) => (possible > 0 ? (events / possible) * 24 * 60 : null),
};

const changeOf = ({ kind, of }: Pick<Column, 'kind' | 'of'>): Column => ({
  name: 'change',
  key: 'change',
  kind,
  of,
  isChange: true,
});

/** The reports on measures, one entry each: a new column stands here, in `Measures`, and in the statement that reads it. */
export const DEFINITIONS: Record<ReportName, Definition> = {
  utilization: {
    meaning:
      'Utilization: occupied minutes of those whose status is known (available, occupied or out of service).',
    measure: utilization,
    kind: 'share',
    columns: [
      POINTS,
      { name: 'utilization', key: 'utilization', kind: 'share', of: utilization },
      changeOf({ kind: 'share', of: utilization }),
      { name: 'charging', key: 'charging_share', kind: 'share', of: chargingShare },
      EVENTS,
      PER_POINT_AND_DAY,
      OBSERVED,
    ],
  },
  uptime: {
    meaning:
      'Uptime: available and occupied minutes of those whose status is known; strict: of all observed ones. Maintenance and vandalism, which feeds do not tell, are not excluded.',
    measure: uptime,
    kind: 'share',
    worstFirst: true,
    columns: [
      POINTS,
      { name: 'uptime', key: 'uptime', kind: 'share', of: uptime },
      changeOf({ kind: 'share', of: uptime }),
      { name: 'strict', key: 'uptime_strict', kind: 'share', of: uptimeStrict },
      { name: 'outages', key: 'outages', kind: 'count', of: ({ outages }) => outages },
      {
        name: 'longest',
        key: 'longest_outage_minutes',
        kind: 'duration',
        of: ({ longestOutageMinutes }) => longestOutageMinutes,
      },
      OBSERVED,
    ],
  },
  events: {
    meaning:
      'Charging events that began in the period, and how long they lasted; cut are those that may have been longer than was observed.',
    measure: PER_POINT_AND_DAY.of,
    kind: 'decimal',
    columns: [
      POINTS,
      EVENTS,
      PER_POINT_AND_DAY,
      changeOf(PER_POINT_AND_DAY),
      {
        name: 'median',
        key: 'median_minutes',
        kind: 'duration',
        of: ({ medianEventMinutes }) => medianEventMinutes,
      },
      {
        name: 'mean',
        key: 'mean_minutes',
        kind: 'duration',
        of: ({ events, eventMinutes }) => (events > 0 ? eventMinutes / events : null),
      },
      {
        name: 'cut',
        key: 'cut_share',
        kind: 'share',
        of: ({ events, cutEvents }) => (events > 0 ? cutEvents / events : null),
      },
      OBSERVED,
    ],
  },
};
