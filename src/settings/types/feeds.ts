import { readFileSync } from 'node:fs';
import { FEED_NAME } from '../../sources/source.js';
import { wordsOf } from './list.js';
import { NotAllowed, type ValueType } from './valueType.js';

const ALLOWED = 'names of feeds, separated by commas or blanks, or a file with one name on each line';

/** Names of feeds, without repetitions. The text is a list of names, or the path of a file with such a list. */
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

/** Whether a text is the path of a file: it has a slash or ends in `.txt`, which no name of a feed does. */
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
