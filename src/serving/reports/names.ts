import { CHANGE_ROLL_UPS, QUALITY_ROLL_UPS, ROLL_UPS } from '../../warehouse/measures.js';

/** Roll-ups of each report; the first is the default. */
export const REPORTS = {
  utilization: ROLL_UPS,
  uptime: ROLL_UPS,
  events: ROLL_UPS,
  quality: QUALITY_ROLL_UPS,
  changes: CHANGE_ROLL_UPS,
} as const;

export type ReportName = keyof typeof REPORTS;
/** Kind of a report's rows: an attribute of a dimension, or a unit of local time. */
export type RowKind = (typeof REPORTS)[ReportName][number];
