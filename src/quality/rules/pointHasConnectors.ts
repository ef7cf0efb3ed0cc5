import { examineEach, type QualityRule } from '../rule.js';

export const pointHasConnectors: QualityRule = {
  name: 'point_has_connectors',
  meaning: 'A charging point has a connector.',
  subject: 'charging_point',
  severity: 'warning',
  threshold: 0.005,
  examine: examineEach('charging_point', {
    passes: 'has_below',
    below: 'connector',
    value: 'evse_id',
  }),
};
