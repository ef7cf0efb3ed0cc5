import { UNLIKE_CONNECTORS } from '../../domain/status.js';
import type { QualityRule } from '../rule.js';

export const connectorAgrees: QualityRule = {
  name: 'connector_agrees',
  meaning: 'In every poll, a charging point with connectors has the status of one of them.',
  subject: 'charging_point',
  severity: 'warning',
  threshold: 0.01,
  // The issue is recorded while the answer is read, because comparing all facts would take too long.
  examine: `
    select shown.feed, shown.id_cp as id, wrong.value, shown.polls as checked, coalesce(wrong.failed, 0) as failed
    from (
      select feed, id_cp, sum(polls) as polls from new_charging_point_content_span
      where id_cp in (select id_cp from seen_connector) group by feed, id_cp
    ) shown
    left join (
      select feed, id, max(value) as value, sum(occurrences) as failed from new_field_issue
      where entity = 'charging_point' and reason = '${UNLIKE_CONNECTORS}' group by feed, id
    ) wrong on wrong.feed = shown.feed and wrong.id = shown.id_cp`,
};
