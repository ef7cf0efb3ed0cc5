import type { QualityRule } from '../rule.js';

export const timestampPlausible: QualityRule = {
  name: 'timestamp_plausible',
  meaning: 'An answer says when it was made, and that is within 15 minutes of when it came.',
  subject: 'feed',
  severity: 'warning',
  threshold: 0.02,
  examine: `
    select polled.feed, polled.feed as id, wrong.value, polled.checked, coalesce(wrong.failed, 0) as failed
    from (select feed, count(*) as checked from new_poll group by feed) polled
    left join (
      select feed, sum(occurrences) as failed, max(reason || coalesce(': ' || value, '')) as value from new_field_issue
      where entity = 'poll' and field = 'timestamp' group by feed
    ) wrong on wrong.feed = polled.feed`,
};
