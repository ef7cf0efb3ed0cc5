import { readFile } from 'node:fs/promises';
import type { Check } from '../check.js';
import { ok, warning } from '../finding.js';

/** Limit below which Postgres, a load and the API's connections may together run out of file descriptors. */
const ENOUGH = 1024;

/** Check how many files and connections a process may have open. */
export const openFiles: Check = {
  name: 'open files',
  needs: 'environment',
  async look() {
    const limits = await readFile('/proc/self/limits', 'utf8').catch(() => null);
    const [, soft = ''] = /^Max open files\s+(\S+)/m.exec(limits ?? '') ?? [];
    if (soft === '') return [ok('This system does not show how many files a process may open.')];
    if (soft === 'unlimited' || Number(soft) >= ENOUGH) return [ok(`A process may have ${soft} files open.`)];
    return [
      warning(
        `A process may have ${soft} files open. This can be too few during a load with many readers.`,
        `Raise the limit to ${ENOUGH} or more: run "ulimit -n ${ENOUGH}" before "ladepuls start", or set LimitNOFILE= in the unit.`,
      ),
    ];
  },
};
