import type { CommandDeclaration } from './declaration/declaration.js';
import { type JsonOption, jsonOption } from './declaration/jsonOption.js';
import { type CheckState, EXIT_STATUSES } from './doctor/finding.js';

const MEANINGS: Record<CheckState, string> = {
  ok: 'all is well',
  warning: 'warning: somebody should look',
  problem: 'problem: something does not work, or will not',
  unknown: "something can't be told, and nothing else is wrong",
};

export const doctor: CommandDeclaration = {
  name: 'doctor',
  summary: 'what is wrong on this machine or with these settings, and what to do; changes nothing',
  options: [jsonOption('print a list of {check, state, message, advice}')],
  details: `Looks at the settings, this machine, the stores, Temporal, the warehouse and the feeds, whether Ladepuls runs or not.
Each feed is asked once. In a flat store in a bucket, one object is written and deleted; in the raw store nothing is.`,
  exitStatuses: (Object.keys(MEANINGS) as CheckState[]).map((state) => [
    String(EXIT_STATUSES[state]),
    MEANINGS[state],
  ]),
  examples: ['ladepuls doctor', 'LADEPULS_HOME=/srv/ladepuls ladepuls doctor --json'],
  action: async (options: JsonOption) => {
    const { examine } = await import('./doctor/examine.js');
    await examine(process.env, options);
  },
};
