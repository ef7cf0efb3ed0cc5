import { UNLIKE_CONNECTORS } from '../../domain/status.js';
import type { QualityRule } from '../rule.js';

export const fieldsReadable: QualityRule = {
  name: 'fields_readable',
  meaning: 'What a charging station, charging point or connector says of itself can be read.',
  subject: 'feed',
  severity: 'notice',
  threshold: 0.01,
  // Not counted: unknown fields, which are not wrong, and statuses unlike the connectors', which can be read.
  examine: `
    select seen.feed, seen.feed as id, wrong.value, seen.checked, coalesce(wrong.failed, 0) as failed
    from (
      select feed, count(*) as checked from (
        select feed from seen_charging_station union all
        select feed from seen_charging_point union all
        select feed from seen_connector
      ) entity group by feed
    ) seen
    left join (
      select feed, count(distinct entity || ' ' || id) as failed, max(field || ': ' || reason) as value
      from new_field_issue where entity <> 'poll' and id is not null and reason not in ('unknown_field', '${UNLIKE_CONNECTORS}') group by feed
    ) wrong on wrong.feed = seen.feed`,
};
