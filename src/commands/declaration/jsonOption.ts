import { Option } from 'commander';

/** Every command has this option. */
export interface JsonOption {
  json?: boolean;
}

/** The option `--json`, for programs that read a command's output. */
export function jsonOption(about = 'print JSON'): Option {
  return new Option('--json', about);
}
