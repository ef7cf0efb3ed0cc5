import { Option } from 'commander';

/** Option that every command has. */
export interface JsonOption {
  json?: boolean;
}

/** Create the option `--json`, for programs that read a command's output. */
export function jsonOption(about = 'print JSON'): Option {
  return new Option('--json', about);
}
