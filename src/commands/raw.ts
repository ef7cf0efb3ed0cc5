import { Option } from 'commander';
import type { CommandDeclaration, CommandGroup } from './declaration/declaration.js';
import { inContext } from './declaration/inContext.js';
import { type JsonOption, jsonOption } from './declaration/jsonOption.js';
import type { ExcludeOptions, IncludeOptions } from './raw/correct.js';

const RANGE = [
  new Option('--feed <name>', 'name of the feed; the case matters').makeOptionMandatory(),
  new Option(
    '--from <time>',
    'first local day, such as 2022-01-11, or a local time, such as 2022-01-11T14:30',
  ).makeOptionMandatory(),
  new Option(
    '--to <time>',
    'last local day, or the local time before which the range ends; default: the day of --from',
  ),
];
const noLoad = () =>
  new Option('--no-load', 'leave it to the service to load the days again; it does so within half an hour');

const exclude: CommandDeclaration = {
  name: 'exclude',
  summary: "leave a feed's answers out of the warehouse; they stay in the raw store",
  options: [
    ...RANGE,
    new Option('--reason <text>', 'why; shown by "ladepuls raw exclusions"').makeOptionMandatory(),
    noLoad(),
    jsonOption(),
  ],
  details:
    'Loaded days of the range are loaded again without these answers. "ladepuls coverage" shows the slots as failed,\n' +
    'with the reason "excluded". "ladepuls raw include" takes an exclusion back.',
  examples: [
    'ladepuls raw exclude --feed koeln --from 2026-11-20 --to 2026-11-26 --reason "test data"',
    'ladepuls raw exclude --feed koeln --from 2026-11-20T14:30 --to 2026-11-20T16:00 --reason "test data"',
  ],
  action: inContext(async (context, options: ExcludeOptions) => {
    const { exclude: run } = await import('./raw/correct.js');
    await run(context, options);
  }),
};

const include: CommandDeclaration = {
  name: 'include',
  summary: 'take exclusions back: the answers of the range count again',
  options: [...RANGE, new Option('--reason <text>', 'why'), noLoad(), jsonOption()],
  examples: ['ladepuls raw include --feed koeln --from 2026-11-20 --to 2026-11-26'],
  action: inContext(async (context, options: IncludeOptions) => {
    const { include: run } = await import('./raw/correct.js');
    await run(context, options);
  }),
};

const exclusions: CommandDeclaration = {
  name: 'exclusions',
  summary: 'which answers are excluded, why, and by whom',
  options: [new Option('--feed <name>', 'only those of this feed'), jsonOption()],
  examples: ['ladepuls raw exclusions', 'ladepuls raw exclusions --feed koeln --json'],
  action: inContext(async (context, options: JsonOption & { feed?: string }) => {
    const { listExclusions } = await import('./raw/exclusions.js');
    await listExclusions(context, options);
  }),
};

export const raw: CommandGroup = {
  name: 'raw',
  summary: 'which answers of the raw store count, when a feed was wrong for some time',
  examples: ['ladepuls raw exclusions'],
  subcommands: [exclude, include, exclusions],
};
