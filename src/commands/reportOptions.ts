import type { RollUp } from '../warehouse/measures.js';

export const FORMATS = ['table', 'csv', 'json'] as const;

/** What `ladepuls report` is told. */
export interface ReportOptions {
  by: RollUp;
  from?: string;
  to?: string;
  format: (typeof FORMATS)[number];
  limit?: string;
}
