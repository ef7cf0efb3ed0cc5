import { Command } from 'commander';
import { describeSettings } from '../../settings/config.js';
import { VERSION } from '../../runtime/version.js';
import { COMMANDS } from '../registry.js';
import { addDeclared } from './assemble.js';

/** Makes the program `ladepuls` of all commands. Nothing runs before it is given arguments to parse. */
export function assembleProgram(): Command {
  const program = new Command('ladepuls')
    .description("The memory of Germany's public charging stations.")
    .version(VERSION)
    .showHelpAfterError('(--help shows what is allowed)')
    .addHelpText('after', helpBelow);
  for (const declared of COMMANDS) addDeclared(program, declared);
  return program;
}

function helpBelow(): string {
  const settings = describeSettings().map(({ name, about }) => `  ${name.padEnd(28)}${about}`);
  return [
    '',
    'Example:',
    '  LADEPULS_FEEDS=koeln,bonn ladepuls start',
    '',
    'Settings, from the environment:',
    ...settings,
  ].join('\n');
}
