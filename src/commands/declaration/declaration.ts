import type { Argument, Option } from 'commander';

interface Heading {
  /** Word that people type after `ladepuls`, or after the group's name. */
  name: string;
  /** One line that says what the command does. */
  summary: string;
  /** Facts that people must know before they use the command. Printed below the options. */
  details?: string;
  /** Command lines that work unchanged. A comment may follow after `#`. */
  examples: readonly [string, ...string[]];
  /** Exit statuses with their meanings, for commands whose status may be other than 0 and 1. */
  exitStatuses?: readonly (readonly [status: string, meaning: string])[];
}

/**
 * A command, as its file in `src/commands/` declares it.
 * `ladepuls` imports every declaration at each start. Therefore `action` imports slow modules, such as clients of
 * Temporal or of a database.
 */
export interface CommandDeclaration extends Heading {
  arguments?: readonly Argument[];
  options?: readonly Option[];
  /**
   * Called with the arguments, then with the options, as commander parsed them. Most commands wrap their work in
   * `inContext`. A thrown error is printed as one line; its `exitCode` becomes the exit status, or else 1.
   */
  action: (...args: never[]) => Promise<void>;
}

/** Commands with a common first word, such as `feeds list` and `feeds add`. */
export interface CommandGroup extends Heading {
  subcommands: readonly CommandDeclaration[];
}
