import { examineEach, type QualityRule } from '../rule.js';

export const currentPlausible: QualityRule = {
  name: 'current_plausible',
  meaning: 'A connector has 6 to 1000 A at 100 to 1500 V.',
  subject: 'connector',
  severity: 'warning',
  threshold: 0.01,
  // 6 A is the lowest current that IEC 61851-1 can signal.
  examine: examineEach('connector', {
    passes: 'ampere between 6 and 1000 and voltage between 100 and 1500',
    value: `coalesce(cast(ampere as varchar(32)), '?') || ' A, ' || coalesce(cast(voltage as varchar(32)), '?') || ' V'`,
    where: 'ampere is not null or voltage is not null',
  }),
};
