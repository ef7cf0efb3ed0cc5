#!/usr/bin/env node
import { Command } from 'commander';
import { type Context, createContext } from './commands/context.js';
import { describeSettings } from './config.js';
import { VERSION } from './version.js';

const program = new Command('ladepuls')
  .description("The memory of Germany's public charging stations.")
  .version(VERSION)
  .showHelpAfterError('(--help shows what is allowed)')
  .addHelpText('after', () => `\nSettings, from the environment:\n${settingsHelp()}`);

/** Runs a command whose code is loaded only when it is wanted. */
function run<A extends unknown[]>(command: (context: Context, ...args: A) => Promise<void>) {
  return async (...args: unknown[]): Promise<void> => {
    await command(createContext(process.env), ...(args as A));
  };
}

program
  .command('load')
  .description('load days through the load workflow, and wait')
  .requiredOption('--from <day>', 'first local day, such as 2022-01-11')
  .option('--to <day>', 'last local day; default: the first')
  .option('--json', 'print JSON')
  .action(
    run(async (context, options: { from: string; to?: string; json?: boolean }) => {
      await (await import('./commands/load.js')).load(context, options);
    }),
  );

program
  .command('sql')
  .description('one read-only query on the warehouse')
  .argument('[query]', 'the query; default: standard input')
  .option('--csv', 'print CSV')
  .option('--json', 'print JSON')
  .action(
    run(async (context, query: string | undefined, options: { csv?: boolean; json?: boolean }) => {
      await (await import('./commands/sql.js')).sql(context, query, options);
    }),
  );

function settingsHelp(): string {
  return describeSettings()
    .map(({ name, about }) => `  ${name.padEnd(28)}${about}`)
    .join('\n');
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`ladepuls: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof Error && 'exitCode' in error ? Number(error.exitCode) : 1;
}
