#!/usr/bin/env node
import { Argument, Command, Option } from 'commander';
import { type Context, createContext } from './commands/context/context.js';
import type { DemoOptions } from './commands/demo.js';
import type { ExportOptions } from './commands/export.js';
import type { ImportOptions } from './commands/import.js';
import type { ResetOptions } from './commands/reset.js';
import { surviveOutputFailures } from './commands/console/output.js';
import { FORMATS, type ReportOptions } from './commands/report/options.js';
import type { StatusCommandOptions } from './commands/status.js';
import type { StopOptions } from './commands/stop.js';
import type { UnitCommandOptions } from './commands/unit/unit.js';
import type { SqlOptions } from './commands/sql.js';
import { settingsHelp } from './commands/console/settingsHelp.js';
import type { ShutdownOptions } from './local/shutdownSignals.js';
import { FORMAT_NAMES, type FormatName } from './serving/exporting/names.js';
import { REPORTS, type ReportName } from './serving/reports/names.js';
import { VERSION } from './runtime/version.js';
import { DECISION_TABLES, type DecisionTable } from './warehouse/decisions.js';

const STATUS_HELP = `
Exit status, with --brief, --json and without:
  0  all is well
  1  warning: somebody should look, such as at a feed that fails or a disk that fills
  2  critical: something is lost or out of date, such as where nothing runs or a slot is overdue
  3  it can't be told, such as where the home can't be read or a setting is wrong

Example: ladepuls status --brief || mail -s "Ladepuls" admin@example.org`;

const output = surviveOutputFailures();

interface RunOptions extends ShutdownOptions {
  /** A service's output is its console, not its result. */
  isService?: boolean;
}

const program = new Command('ladepuls')
  .description("The memory of Germany's public charging stations.")
  .version(VERSION)
  .showHelpAfterError('(--help shows what is allowed)')
  .addHelpText(
    'after',
    () => `\nSettings, from the environment; a wrong one ends with exit status 78:\n\n${settingsHelp()}`,
  );

/** Runs a command whose code is loaded only when it is wanted. */
function run<A extends unknown[]>(
  command: (context: Context, ...args: A) => Promise<void>,
  { isService = false, ...options }: RunOptions = {},
) {
  return (...args: A): Promise<void> => {
    if (isService) output.isConsole();
    return command(createContext(process.env, options), ...args);
  };
}

program
  .command('start')
  .description('the whole system on this machine: Temporal, Postgres, worker and schedules, until Ctrl-C')
  .option('--json', 'print the addresses as one line of JSON')
  .addHelpText(
    'after',
    `
It runs until Ctrl-C, SIGTERM or "ladepuls stop"; a closed terminal does not end it. A part that fails is started
again, for ever.

Exit status:
  0    it was stopped, or runs already
  78   a setting is wrong: what it names can't be used, such as a folder, or a port that polling needs and another
       process has. A taken port of the API or of Postgres is waited for
  130, 143   Ctrl-C or SIGTERM came before it was up
  1    any other failure

Example: LADEPULS_FEEDS=koeln,bonn ladepuls start`,
  )
  .action(
    run(
      async (context, options: { json?: boolean }) => {
        await (await import('./commands/start.js')).start(context, options);
      },
      { isService: true, survivesHangup: true },
    ),
  );

program
  .command('demo')
  .description('the same on simulated feeds, in a home of its own, with past days to look at')
  .option('--days <number>', 'past days to make up, beside today, when it starts for the first time', '14')
  .option('--stations <number>', 'stations of each feed; default: 12 to 40')
  .option('--json', 'print addresses, questions and answers as one line of JSON')
  .action(
    run(
      async (context, options: DemoOptions) => {
        await (await import('./commands/demo.js')).demo(context, options);
      },
      { isService: true },
    ),
  );

program
  .command('import')
  .description('recorded polls into the raw store: poll files, folders and zips of them, another raw store')
  .argument('[files...]', 'poll files YYYYmmdd_HHMMSS_cp_data_cities.json[.gz], folders, zips')
  .option('--source <name>', 'source of the feeds in the files', 'chargecloud')
  .option('--raw-store <address>', 'another raw store to copy from: file:<folder> or s3://<bucket>/<prefix>')
  .option('--json', 'print JSON')
  .action(
    run(async (context, files: string[], options: ImportOptions) => {
      await (await import('./commands/import.js')).importRecorded(context, files, options);
    }),
  );

program
  .command('load')
  .description('load days through the load workflow, and wait')
  .requiredOption('--from <day>', 'first local day, such as 2022-01-11')
  .option('--to <day>', 'last local day; default: the first')
  .option('--restore', 'bring back the facts of archived days, to stay')
  .option('--json', 'print JSON')
  .action(
    run(async (context, options: { from: string; to?: string; restore?: boolean; json?: boolean }) => {
      await (await import('./commands/load.js')).load(context, options);
    }),
  );

program
  .command('rebuild')
  .description('fill a new warehouse from the raw store, while readers keep the old one until it is complete')
  .option('--restore', 'bring back the facts of archived days, to stay')
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    `
On Postgres, views, grants and the like that other people made on the warehouse are made anew on the new tables. What
could not be is printed with its reason; the table ops.not_recreated keeps the statements that made it.

Example: ladepuls rebuild --json`,
  )
  .action(
    run(async (context, options: { restore?: boolean; json?: boolean }) => {
      await (await import('./commands/rebuild.js')).rebuild(context, options);
    }),
  );

program
  .command('sql')
  .description('one read-only query on the warehouse')
  .argument('[query]', 'the query; default: standard input')
  .option('--csv', 'print CSV, every value exact')
  .option(
    '--for-spreadsheets',
    'with --csv: put an apostrophe before texts that a spreadsheet takes for formulas',
  )
  .option('--json', 'print JSON')
  .action(
    run(async (context, query: string | undefined, options: SqlOptions) => {
      await (await import('./commands/sql.js')).sql(context, query, options);
    }),
  );

const feeds = program
  .command('feeds')
  .description('which feeds are collected; changes hold from the next slot on');
feeds
  .command('list')
  .description('the feeds that are collected')
  .option('--json', 'print JSON')
  .action(
    run(async (context, options: { json?: boolean }) => {
      await (await import('./commands/feeds.js')).listFeeds(context, options);
    }),
  );
feeds
  .command('check')
  .description('ask each feed once, now, and store nothing')
  .option('--json', 'print JSON')
  .action(
    run(async (context, options: { json?: boolean }) => {
      await (await import('./commands/feedsCheck.js')).checkFeeds(context, options);
    }),
  );
feeds
  .command('add')
  .description('collect a further feed')
  .argument('<name>', 'its name; the case matters')
  .option('--source <name>', 'the source that reads it: chargecloud or ocpi')
  .option('--url <address>', "its address, where the source's own for that name is not it")
  .option('--json', 'print JSON')
  .action(
    run(async (context, name: string, options: { source?: string; url?: string; json?: boolean }) => {
      await (await import('./commands/feeds.js')).addFeed(context, name, options);
    }),
  );
for (const { name, about } of [
  { name: 'remove', about: 'collect feeds no longer; what they answered so far stays' },
  { name: 'pause', about: 'ask feeds no more until they are resumed' },
  { name: 'resume', about: 'ask paused feeds again' },
] as const) {
  feeds
    .command(name)
    .description(about)
    .argument('<names...>', 'names of feeds')
    .option('--json', 'print JSON')
    .action(
      run(async (context, names: string[], options: { json?: boolean }) => {
        const { removeFeeds, pauseFeeds, resumeFeeds } = await import('./commands/feeds.js');
        await { remove: removeFeeds, pause: pauseFeeds, resume: resumeFeeds }[name](context, names, options);
      }),
    );
}

program
  .command('warehouse-url')
  .description('the connection string of the warehouse, for psql or a BI tool, while it runs')
  .option('--owner', "the owner's, who may write, instead of the readers'")
  .option('--json', 'print JSON')
  .action(
    run(async (context, options: { owner?: boolean; json?: boolean }) => {
      await (await import('./commands/warehouseUrl.js')).warehouseUrl(context, options);
    }),
  );

program
  .command('coverage')
  .description('feeds and days: which polls were stored, failed and missed, and why')
  .option('--from <day>', 'first local day; default: of the last 7 days with anything to poll')
  .option('--to <day>', 'last local day')
  .option('--json', 'print JSON, with every gap')
  .action(
    run(async (context, options: { from?: string; to?: string; json?: boolean }) => {
      await (await import('./commands/coverage.js')).coverage(context, options);
    }),
  );

program
  .command('report')
  .description('measures of a period, ranked, beside those of the period before')
  .addArgument(new Argument('<report>', 'what is measured').choices(Object.keys(REPORTS)))
  .addOption(
    new Option(
      '--by <what>',
      'what is summed up; default: the first that the report has, such as city',
    ).choices([...new Set(Object.values(REPORTS).flat())]),
  )
  .option('--from <day>', 'first local day; default: of 28 days')
  .option('--to <day>', 'last local day; default: the last one that is loaded')
  .addOption(new Option('--format <format>', 'of the output').choices(FORMATS).default('table'))
  .option('--limit <number>', 'rows of the table; default: 20, and all where they are parts of time')
  .action(
    run(async (context, name: ReportName, options: ReportOptions) => {
      await (await import('./commands/report.js')).report(context, name, options);
    }),
  );

program
  .command('export')
  .description(
    'tables of the warehouse as files, day by day, with a dictionary of what they mean; or stations as OCPI or GeoJSON',
  )
  .addArgument(new Argument('<format>', 'of the files').choices(FORMAT_NAMES))
  .option(
    '--table <names>',
    'tables and views of the warehouse, separated by commas, or all; default: the facts, their dimensions and time',
  )
  .option('--from <day>', 'first local day, of tables that have days; default: the first one that is loaded')
  .option('--to <day>', 'last local day; default: the last one that is loaded')
  .option('--to-file <folder>', 'folder for the files, which is made; files of the same days are replaced')
  .option('--to-store <address>', 'store for the files: file:<folder> or s3://<bucket>/<prefix>')
  .option(
    '--for-spreadsheets',
    'of csv: put an apostrophe before texts that a spreadsheet takes for formulas',
  )
  .option('--json', 'print what was written as JSON')
  .action(
    run(async (context, format: FormatName, options: ExportOptions) => {
      await (await import('./commands/export.js')).exportWarehouse(context, format, options);
    }),
  );

const config = program
  .command('config')
  .description('what people decide and no feed says: what statuses stand for, what operators are called');
const decisionTable = () => new Argument('<table>', 'of schema config').choices(DECISION_TABLES);
config
  .command('export')
  .description('print a table as CSV, with what feeds show and nobody has decided on yet')
  .addArgument(decisionTable())
  .action(
    run(async (context, table: DecisionTable) => {
      await (await import('./commands/config.js')).exportDecisions(context, table);
    }),
  );
config
  .command('import')
  .description('replace a table by a CSV file; it holds for the whole past at once')
  .addArgument(decisionTable())
  .argument('<file>', 'the file; - for standard input')
  .action(
    run(async (context, table: DecisionTable, file: string) => {
      await (await import('./commands/config.js')).importDecisions(context, table, file);
    }),
  );

program
  .command('status')
  .description('what runs, how fresh the data are, and what is not well; starts nothing')
  .option('--brief', 'print one line with performance data, as monitoring plugins do; takes at most 10 s')
  .option('--json', 'print JSON')
  .addHelpText('after', STATUS_HELP)
  .action(async (options: StatusCommandOptions) => {
    await (await import('./commands/status.js')).status(process.env, options);
  });

program
  .command('stop')
  .description('stop what runs on this home, and wait until all of it is gone')
  .option('--timeout <seconds>', 'how long to wait', '120')
  .option('--now', 'shorten the time that each part gets to end, as a second Ctrl-C does')
  .option('--command', 'stop a command too, such as an import or a load, as Ctrl-C would')
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    '\nWhere nothing runs it says so, and exits 0. What a systemd unit runs is for systemctl to stop.' +
      '\n\nExample: LADEPULS_HOME=/srv/ladepuls ladepuls stop',
  )
  .action(
    run(async (context, options: StopOptions) => {
      await (await import('./commands/stop.js')).stop(context, options);
    }),
  );

const service = program
  .command('service')
  .description('Ladepuls as a unit of systemd, which starts it with the machine and restarts it')
  .addHelpText(
    'after',
    '\nRoot installs a system unit, anybody else one of their own. LADEPULS_HOME names the home; ' +
      'docs/service.md has the details.\n\nExample: sudo LADEPULS_HOME=/srv/ladepuls ladepuls service install',
  );
for (const { name, about } of [
  { name: 'print', about: 'print the unit' },
  { name: 'install', about: 'write the unit, start it now and with the machine, and wait until it is up' },
  { name: 'uninstall', about: 'stop the unit and remove it; data and settings stay' },
] as const) {
  service
    .command(name)
    .description(about)
    .option('--user', "a unit of this user's own systemd; default, unless this is root")
    .option('--system', 'a unit of the machine; default for root')
    .option('--name <name>', 'of the unit, where several homes have one each', 'ladepuls')
    .option('--run-as <user>', 'who runs a system unit; default: whose the home is, else ladepuls')
    .option('--force', 'replace or remove a unit that was changed by hand')
    .addHelpText('after', `\nExample: ladepuls service ${name}`)
    .action(
      run(async (context, options: UnitCommandOptions) => {
        const { printUnit, installUnit, uninstallUnit } = await import('./commands/unit/unit.js');
        await { print: printUnit, install: installUnit, uninstall: uninstallUnit }[name](context, options);
      }),
    );
}

program
  .command('backfill')
  .description("load days through the schedule's own backfill, and wait")
  .requiredOption('--from <day>', 'first local day, such as 2022-01-11')
  .requiredOption('--to <day>', 'last local day')
  .option('--json', 'print JSON')
  .action(
    run(async (context, options: { from: string; to: string; json?: boolean }) => {
      await (await import('./commands/backfill.js')).backfill(context, options);
    }),
  );

const schedules = program
  .command('schedules')
  .description("Temporal's schedules: acquire, load-day, reload-changed");
for (const { name, about } of [
  { name: 'list', about: 'how they stand, and when they act' },
  { name: 'apply', about: 'make them what the settings say; whether they are paused stays' },
  { name: 'pause', about: 'start nothing until they are resumed' },
  { name: 'resume', about: 'act again' },
] as const) {
  schedules
    .command(name)
    .description(about)
    .argument('[ids...]', 'acquire, load-day, reload-changed; default: all')
    .option('--json', 'print JSON')
    .action(
      run(async (context, ids: string[], options: { json?: boolean }) => {
        await (await import('./commands/schedules.js')).schedules(context, name, ids, options);
      }),
    );
}

program
  .command('reset')
  .description('remove what can be made again of the embedded installation; the raw store is kept')
  .option('--raw', "also remove the home's raw store, whose answers can never be asked for again")
  .option('--yes', 'go on without asking; needed where there is no terminal')
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    `
Removes Temporal's database, Postgres' cluster, flat files, logs. Keeps raw answers, the collection log, and what
people edited in schema config, which comes back in the next warehouse. Stores outside of the home always stay.

Example:
  ladepuls reset      # says what it removes and how much that is, and asks
  ladepuls start      # a new warehouse …
  ladepuls rebuild    # … with every day of the raw store, while it runs`,
  )
  .action(
    run(async (context, options: ResetOptions) => {
      await (await import('./commands/reset.js')).reset(context, options);
    }),
  );

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`ladepuls: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof Error && 'exitCode' in error ? Number(error.exitCode) : 1;
}
