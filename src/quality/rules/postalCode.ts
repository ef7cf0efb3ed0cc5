import { examineEach, type QualityRule } from '../rule.js';

export const postalCode: QualityRule = {
  name: 'postal_code',
  meaning: 'The postal code of a station in Germany has five digits, from 01001 to 99998.',
  subject: 'charging_station',
  severity: 'warning',
  threshold: 0.01,
  examine: examineEach('charging_station', {
    passes: `postal_code ~ '^[0-9]{5}$' and postal_code between '01001' and '99998'`,
    value: 'postal_code',
    where: `postal_code is not null and coalesce(country, 'DE') = 'DE'`,
  }),
};
