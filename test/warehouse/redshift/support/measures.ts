import { MEASURES } from '../../../../src/warehouse/measures/registry.js';
import { query } from '../../support/query.js';

/** What readers see of measures, in either database. */
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

/** The rows of each measure as texts of JSON, in a fixed order. A reader's time zone changes how instants look, not these. */
export async function measuresOf(url: string, timeZone = 'UTC'): Promise<Record<string, string[]>> {
  const measures: Record<string, string[]> = {};
  for (const view of VIEWS) {
    const rows = await query(url, `set timezone = '${timeZone}'`, `select * from ${view}`);
    measures[view] = rows.map((row) => JSON.stringify(row)).sort();
  }
  return measures;
}
