import type { Command } from 'commander';
import type { CommandDeclaration, CommandGroup } from './declaration.js';

/** Add commander's command for a declaration, or for a group, to the program or group that it belongs to. */
export function addDeclared(parent: Command, declared: CommandDeclaration | CommandGroup): void {
  const command = parent
    .command(declared.name)
    .description(declared.summary)
    .addHelpText('after', () => helpBelow(declared));
  if ('subcommands' in declared) {
    for (const subcommand of declared.subcommands) addDeclared(command, subcommand);
    return;
  }
  for (const argument of declared.arguments ?? []) command.addArgument(argument);
  for (const option of declared.options ?? []) command.addOption(option);
  command.action((...args: unknown[]) => declared.action(...(args as never[])));
}

/** Format the help below the options: details, exit statuses, examples. */
function helpBelow({ details, exitStatuses = [], examples }: CommandDeclaration | CommandGroup): string {
  const paragraphs = [
    ...(details === undefined ? [] : [details]),
    ...(exitStatuses.length === 0 ? [] : [describeExitStatuses(exitStatuses)]),
    [examples.length === 1 ? 'Example:' : 'Examples:', ...examples.map((line) => `  ${line}`)].join('\n'),
  ];
  return paragraphs.map((paragraph) => `\n${paragraph}`).join('\n');
}

function describeExitStatuses(statuses: NonNullable<CommandDeclaration['exitStatuses']>): string {
  const width = Math.max(...statuses.map(([status]) => status.length));
  const indent = ' '.repeat(width + 4);
  const lines = statuses.map(
    ([status, meaning]) => `  ${status.padEnd(width)}  ${meaning.replaceAll('\n', `\n${indent}`)}`,
  );
  return ['Exit status:', ...lines].join('\n');
}
