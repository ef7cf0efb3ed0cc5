import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { FLAT_FILES, type FlatFile } from '../domain/flatFiles.js';
import { flatKey, type FlatSet } from './flat.js';
import { readAhead } from './readAhead.js';
import type { Store } from './store.js';

/**
 * Files that are read while the rows before them are on their way: most are small, and a large fleet has thousands. A slice
 * is bounded, and so is its file.
 */
const FILES_AHEAD = 8;

const decompress = promisify(gunzip);

/**
 * The rows of one flat file of several sets, one after another, as CSV without headers. Throws where a header has other
 * columns than it should.
 */
export async function* readFlatRows(
  store: Store,
  sets: readonly FlatSet[],
  file: FlatFile,
): AsyncGenerator<Buffer> {
  const header = FLAT_FILES[file].join(',');
  yield* readAhead(sets, FILES_AHEAD, (set) => rowsOf(store, flatKey(set, file), header));
}

async function rowsOf(store: Store, key: string, header: string): Promise<Buffer> {
  const lines = await decompress(await store.get(key));
  const [end, found] = firstLine(lines);
  if (found !== header)
    throw new Error(`${key} has the columns ${found}, but it should have ${header}: clean the day again`);
  return lines.subarray(end + 1);
}

function firstLine(lines: Buffer): [end: number, line: string] {
  const newline = lines.indexOf('\n');
  const end = newline < 0 ? lines.length : newline;
  return [end, lines.toString('utf8', 0, end)];
}
