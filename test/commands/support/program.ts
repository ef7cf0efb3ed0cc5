import type { Command } from 'commander';
import { assembleProgram } from '../../../src/commands/declaration/program.js';

/** A program of all commands that reads arguments as `ladepuls` does, and runs nothing. */
export interface ParsingProgram {
  /** The commands and groups, by what is typed after `ladepuls`. */
  commands: ReadonlyMap<string, Command>;
  /** The command that these arguments reach. Throws commander's error where it does not accept them. */
  parse(args: readonly string[]): Promise<string>;
}

/** Makes a {@link ParsingProgram} of the commands that there are. */
export function parsingProgram(): ParsingProgram {
  const program = assembleProgram();
  const commands = new Map<string, Command>();
  let reached = '';
  const visit = (command: Command, path: string) => {
    command.exitOverride().configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
    if (path !== '') commands.set(path, command);
    if (path !== '' && command.commands.length === 0) command.action(() => void (reached = path));
    for (const subcommand of command.commands) visit(subcommand, `${path} ${subcommand.name()}`.trim());
  };
  visit(program, '');
  return {
    commands,
    async parse(args) {
      reached = '';
      await program.parseAsync(args, { from: 'user' });
      return reached;
    },
  };
}
