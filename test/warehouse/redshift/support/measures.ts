import { MEASURES } from '../../../../src/warehouse/measures/registry.js';
import { query } from '../../support/query.js';

/** Measures that readers see, in either database. */
const VIEWS = [
  ...MEASURES.map(({ table }) => table),
  'charging_event',
  'charging_point_as_was',
  'utilization_hour',
  'utilization_day',
  'outage',
  'parking_day',
  'station_day',
  'change',
  'utilization_hour_as_was',
  'city_day',
  'operator_day',
  'station_hour',
  'quality',
  'ops.quality_finding',
];

/**
 * Return the rows of each measure as JSON texts, in a fixed order. The texts do not depend on `timeZone`, the session's
 * time zone.
 */
export async function measuresOf(url: string, timeZone = 'UTC'): Promise<Record<string, string[]>> {
  const measures: Record<string, string[]> = {};
  for (const view of VIEWS) {
    const rows = await query(url, `set timezone = '${timeZone}'`, `select * from ${view}`);
    measures[view] = rows.map((row) => JSON.stringify(row)).sort();
  }
  return measures;
}
