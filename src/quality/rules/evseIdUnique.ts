import type { QualityRule } from '../rule.js';

export const evseIdUnique: QualityRule = {
  name: 'evse_id_unique',
  meaning: 'An EVSE-ID is that of one charging point.',
  subject: 'charging_point',
  severity: 'warning',
  threshold: 0.005,
  // Separators are ignored: DE*ABC*E1 equals DEABCE1.
  examine: `
    select feed, id_cp as id, evse_id as value, 1 as checked,
      case when count(*) over (partition by upper(replace(evse_id, '*', ''))) = 1 then 0 else 1 end as failed
    from seen_charging_point where evse_id is not null`,
};
