import { readFileSync } from 'node:fs';
import { FEED_NAME } from '../../sources/source.js';
import { wordsOf } from './list.js';
import { NotAllowed, type ValueType } from './valueType.js';

const ALLOWED = 'names of feeds, separated by commas or blanks, or a file with one a line';

/** Names of feeds, each once: the text has them, or names a file that has them. */
export const feeds: ValueType<readonly string[]> = {
  allowed: ALLOWED,
  parse(text) {
    const list = isFileName(text) ? readFile(text) : text;
    const names = [...new Set(wordsOf(list))];
    const wrong = names.find((name) => !FEED_NAME.test(name));
    if (wrong !== undefined) throw new NotAllowed(`${ALLOWED} ("${wrong}" is none)`);
    if (names.length === 0) throw new NotAllowed(ALLOWED);
    return names;
  },
};

/** No name of a feed has a slash, and no feed is a text file. */
function isFileName(text: string): boolean {
  return /[\\/]|\.txt$/.test(text);
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new NotAllowed(`${ALLOWED} that can be read`, { cause });
  }
}
