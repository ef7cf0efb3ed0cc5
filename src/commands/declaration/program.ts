import { Command } from 'commander';
import { VERSION } from '../../runtime/version.js';
import { settingsHelp } from '../console/settingsHelp.js';
import { COMMANDS } from '../registry.js';
import { addDeclared } from './assemble.js';

/** Create the program `ladepuls` with all commands. No command runs before the program parses its arguments. */
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
  return [
    '',
    'Example:',
    '  LADEPULS_FEEDS=koeln,bonn ladepuls start',
    '',
    'Settings, from the environment; a wrong one ends with exit status 78:',
    '',
    settingsHelp(),
  ].join('\n');
}
