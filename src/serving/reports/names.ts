import { CHANGE_ROLL_UPS, QUALITY_ROLL_UPS, ROLL_UPS } from '../../warehouse/measures.js';

/** What each report may be summed up by; the first is what it is where nothing is said. */
export const REPORTS = {
  utilization: ROLL_UPS,
  uptime: ROLL_UPS,
  events: ROLL_UPS,
  quality: QUALITY_ROLL_UPS,
  changes: CHANGE_ROLL_UPS,
} as const;

export type ReportName = keyof typeof REPORTS;
/** What rows of reports are: a dimension's attribute, or a part of local time. */
export type RowKind = (typeof REPORTS)[ReportName][number];
