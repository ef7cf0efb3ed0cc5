import { Option } from 'commander';
import { EXIT_STATUS, type StatusLevel } from '../domain/statusFindings.js';
import type { CommandDeclaration } from './declaration/declaration.js';
import { jsonOption } from './declaration/jsonOption.js';
import type { StatusCommandOptions } from './status/status.js';

const MEANINGS: Record<StatusLevel, string> = {
  ok: 'all is well',
  warning: 'warning: somebody should look, such as at a feed that fails or a disk that fills',
  critical: 'critical: something is lost or out of date, such as where nothing runs or a slot is overdue',
  unknown:
    "unknown: the status could not be read, for example because the home can't be read or a setting is wrong",
};

export const status: CommandDeclaration = {
  name: 'status',
  summary: 'what runs, how fresh the data are, and what is not well; starts nothing',
  options: [
    new Option(
      '--brief',
      'print one line with performance data, as monitoring plugins do; takes at most 10 s',
    ),
    jsonOption(),
  ],
  details: 'The exit status is the same with --brief, with --json and without.',
  exitStatuses: (Object.keys(MEANINGS) as StatusLevel[]).map((level) => [
    String(EXIT_STATUS[level]),
    MEANINGS[level],
  ]),
  examples: ['ladepuls status --brief || mail -s "Ladepuls" admin@example.org'],
  action: async (options: StatusCommandOptions) => {
    const { status: run } = await import('./status/status.js');
    await run(process.env, options);
  },
};
