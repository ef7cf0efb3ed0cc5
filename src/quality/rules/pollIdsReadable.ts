import type { QualityRule } from '../rule.js';

export const pollIdsReadable: QualityRule = {
  name: 'poll_ids_readable',
  meaning: 'A poll has no more records without a readable id than each of the last 144 polls of its feed.',
  subject: 'feed',
  severity: 'warning',
  threshold: 0.02,
  examine: { incomplete: 'unreadable_ids' },
};
