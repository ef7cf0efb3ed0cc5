import type { QualityRule } from '../rule.js';

export const answersFresh: QualityRule = {
  name: 'answers_fresh',
  meaning:
    'The time that an answer states is at most 15 minutes before its receipt: else the answer is stale.',
  subject: 'feed',
  severity: 'warning',
  threshold: 0.02,
  examine: `
    select polled.feed, polled.feed as id, stale.value, polled.checked, coalesce(stale.failed, 0) as failed
    from (select feed, count(*) as checked from new_poll group by feed) polled
    left join (
      select feed, sum(occurrences) as failed, 'made at ' || min(value) as value from new_field_issue
      where entity = 'poll' and field = 'timestamp' and reason = 'stale' group by feed
    ) stale on stale.feed = polled.feed`,
};
