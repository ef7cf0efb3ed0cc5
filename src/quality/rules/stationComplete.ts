import { examineEach, type QualityRule } from '../rule.js';

const EXPECTED = ['name', 'address', 'city', 'postal_code', 'operator_name', 'longitude', 'latitude'];

export const stationComplete: QualityRule = {
  name: 'station_complete',
  meaning: 'A station has a name, an address, a city, a postal code, an operator and coordinates.',
  subject: 'charging_station',
  severity: 'warning',
  threshold: 0.02,
  examine: examineEach('charging_station', {
    passes: EXPECTED.map((column) => `${column} is not null`).join(' and '),
    value: `'without ' || ${EXPECTED.map((column) => `case when ${column} is null then '${column} ' else '' end`).join(' || ')}`,
  }),
};
