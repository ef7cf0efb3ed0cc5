import { Option } from 'commander';
import { SOURCE_NAMES } from '../../sources/registry.js';

/** The option `--source`, whose help names every source that there is. */
export function sourceOption(about: string): Option {
  return new Option('--source <name>', `${about}: ${SOURCE_NAMES.join(' or ')}`);
}
