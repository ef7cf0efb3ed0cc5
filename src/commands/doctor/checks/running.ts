import type { Check } from '../check.js';
import { ok } from '../finding.js';
import { ofStatus } from '../ofStatus.js';

/** Ids of findings of `ladepuls status` about running processes, except those that another check reports. */
const IDS = [
  'home_unreadable',
  'load_failed',
  'load_late',
  'nothing_to_poll',
  'part_down',
  'part_restarted',
  'slot_not_stored',
  'slot_overdue',
  'spool_broken',
  'spool_unreadable',
  'spool_used',
  'starting',
  'store_failed',
  'warehouse_missing',
];

/**
 * Check for components that are down, and for slots and loads that are late or failed.
 * An installation that is not running is not a problem.
 */
export const running: Check = {
  name: 'running',
  needs: 'settings',
  limitSeconds: 40,
  async look({ config, status }) {
    const found = await status();
    const wrong = ofStatus(found, IDS);
    if (wrong.length > 0) return wrong;
    if (found.service === null)
      return [ok(`Nothing runs on ${config.general.home}; "ladepuls start" starts it.`)];
    const { mode, pid, since } = found.service;
    const what = mode === 'service' ? 'Ladepuls runs' : 'A command runs';
    return [ok(`${what} as process ${pid} since ${since}, and all of it works.`)];
  },
};
