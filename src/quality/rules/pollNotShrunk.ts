import type { QualityRule } from '../rule.js';

export const pollNotShrunk: QualityRule = {
  name: 'poll_not_shrunk',
  meaning: 'A poll has 80 % of the most charging points that its feed had in the 168 hours before.',
  subject: 'feed',
  severity: 'warning',
  threshold: 0.02,
  examine: { incomplete: 'shrunk' },
};
