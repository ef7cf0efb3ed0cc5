import type { QualityRule } from '../rule.js';

export const answersReadable: QualityRule = {
  name: 'answers_readable',
  meaning: 'An accepted answer of a feed can be read.',
  subject: 'feed',
  severity: 'severe',
  threshold: 0.05,
  examine: `
    select feed, feed as id, max(reason) as value, sum(answers) as checked, sum(unreadable) as failed
    from (
      select feed, cast(null as varchar(128)) as reason, 1 as answers, 0 as unreadable from new_poll
      union all
      select feed, reason, occurrences, occurrences from new_quarantine where entity = 'poll'
    ) answered
    group by feed`,
};
