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
    if (soft === '') return [ok('This system does not tell how many files may be open.')];
    if (soft === 'unlimited' || Number(soft) >= ENOUGH) return [ok(`A process may have ${soft} files open.`)];
    return [
      warning(
        `A process may have ${soft} files open, which is little for a load beside many readers.`,
        `Raise it to ${ENOUGH} or more: "ulimit -n ${ENOUGH}", or LimitNOFILE= in the unit.`,
      ),
    ];
  },
};
