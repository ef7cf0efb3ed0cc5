import type { Argument, Option } from 'commander';

interface Heading {
  /** What people type after `ladepuls`, or after the group's name. */
  name: string;
  /** What the command does, in one line. */
  summary: string;
  /** What else people must know before they use the command. Printed below the options. */
  details?: string;
  /** Command lines that work as they stand. A comment may follow after `#`. */
  examples: readonly [string, ...string[]];
  /** Exit statuses with their meanings, where 0 and 1 do not tell all. */
  exitStatuses?: readonly (readonly [status: string, meaning: string])[];
}

/**
 * A command, as its file in `src/commands/` declares it. `ladepuls` imports every declaration at each start: what is
 * slow to load, such as clients of Temporal or of a database, is imported within `action`.
 */
export interface CommandDeclaration extends Heading {
  arguments?: readonly Argument[];
  options?: readonly Option[];
  /**
   * Gets the arguments, and then the options, as commander read them. Most commands wrap their work in `inContext`. An
   * error that is thrown is printed as one line; its `exitCode` becomes the exit status, else 1.
   */
  action: (...args: never[]) => Promise<void>;
}

/** Commands below one name, such as `feeds list` and `feeds add`. */
export interface CommandGroup extends Heading {
  subcommands: readonly CommandDeclaration[];
}
