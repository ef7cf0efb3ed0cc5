import type { QualityRule } from '../rule.js';

export const recordsKept: QualityRule = {
  name: 'records_kept',
  meaning: 'A station, charging point or connector of an answer can be read: none is quarantined.',
  subject: 'feed',
  severity: 'severe',
  threshold: 0.02,
  examine: `
    select feed, feed as id, cast(sum(quarantined) as varchar(32)) || ' records in quarantine' as value,
      sum(stations + charging_points + connectors) as checked, sum(quarantined) as failed
    from new_poll group by feed`,
};
