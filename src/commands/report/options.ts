import type { RowKind } from '../../serving/reports/names.js';

export const FORMATS = ['table', 'csv', 'json', 'html'] as const;

/** Options of `ladepuls report`. */
export interface ReportOptions {
  by?: RowKind;
  from?: string;
  to?: string;
  format: (typeof FORMATS)[number];
  limit?: string;
}
