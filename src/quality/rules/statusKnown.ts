import type { QualityRule } from '../rule.js';

export const statusKnown: QualityRule = {
  name: 'status_known',
  meaning: 'Every status of a charging point has a meaning in config.status_group.',
  subject: 'charging_point',
  severity: 'severe',
  threshold: 0.05,
  readsIntervals: true,
  examine: `
    select point.feed, point.id_cp as id, max(case when meaning.status is null then shown.status end) as value,
      1 as checked, max(case when meaning.status is null then 1 else 0 end) as failed
    from seen_charging_point point
    join new_status_interval shown on shown.id_cp = point.id_cp
    left join config.status_group meaning on meaning.status = shown.status
    group by point.feed, point.id_cp`,
};
