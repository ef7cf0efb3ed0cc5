import { examineEach, type QualityRule } from '../rule.js';

export const stationHasPoints: QualityRule = {
  name: 'station_has_points',
  meaning: 'A station has a charging point.',
  subject: 'charging_station',
  severity: 'warning',
  threshold: 0.005,
  examine: examineEach('charging_station', {
    passes: 'has_below',
    below: 'charging_point',
    value: 'name',
  }),
};
