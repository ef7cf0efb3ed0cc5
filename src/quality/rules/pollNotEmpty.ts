import type { QualityRule } from '../rule.js';

export const pollNotEmpty: QualityRule = {
  name: 'poll_not_empty',
  meaning: 'A poll has a charging point.',
  subject: 'feed',
  severity: 'warning',
  threshold: 0.02,
  examine: { incomplete: 'empty' },
};
