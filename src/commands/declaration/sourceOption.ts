import { Option } from 'commander';
import { SOURCE_NAMES } from '../../sources/registry.js';

/** Create the option `--source`, whose help lists every source. */
export function sourceOption(about: string): Option {
  return new Option('--source <name>', `${about}: ${SOURCE_NAMES.join(' or ')}`);
}
