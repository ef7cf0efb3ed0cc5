import type { QualityRule } from '../rule.js';

export const charsetDeclared: QualityRule = {
  name: 'charset_declared',
  meaning:
    'An answer is in the character set that its Content-Type declares, or in UTF-8 without a declaration.',
  subject: 'feed',
  severity: 'warning',
  threshold: 0,
  examine: `
    select polled.feed, polled.feed as id, wrong.value, polled.checked, coalesce(wrong.failed, 0) as failed
    from (select feed, count(*) as checked from new_poll group by feed) polled
    left join (
      select feed, sum(occurrences) as failed, max(reason || coalesce(': ' || value, '')) as value from new_field_issue
      where entity = 'poll' and field = 'body' group by feed
    ) wrong on wrong.feed = polled.feed`,
};
