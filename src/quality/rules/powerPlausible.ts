import { examineEach, type QualityRule } from '../rule.js';

export const powerPlausible: QualityRule = {
  name: 'power_plausible',
  meaning: 'A connector has a power from 1 to 1000 kW.',
  subject: 'connector',
  severity: 'warning',
  threshold: 0.01,
  examine: examineEach('connector', {
    passes: 'max_power between 1 and 1000',
    value: `coalesce(cast(max_power as varchar(32)) || ' kW', 'none')`,
  }),
};
