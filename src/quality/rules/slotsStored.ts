import type { QualityRule } from '../rule.js';

export const slotsStored: QualityRule = {
  name: 'slots_stored',
  meaning: 'A feed has a readable answer in every slot of the day in which it was to be polled.',
  subject: 'feed',
  severity: 'warning',
  threshold: 0.02,
  examine: `
    select feed, feed as id, cast(failed as varchar(32)) || ' failed, ' || cast(missed as varchar(32)) || ' missed' as value, expected as checked,
      expected - stored as failed
    from new_coverage where expected > 0`,
};
