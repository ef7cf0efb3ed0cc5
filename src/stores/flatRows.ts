import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { FLAT_FILES, type FlatFile } from '../domain/flatFiles.js';
import { flatKey, type FlatSet } from './flat.js';
import { readAhead } from './readAhead.js';
import type { Store } from './store.js';

/**
 * Files that are read ahead while rows are sent: most files are small, and a large fleet has thousands. Memory is
 * bounded, because a feed slice and therefore its file has a limited size.
 */
const FILES_AHEAD = 8;

const decompress = promisify(gunzip);

/**
 * Yield the rows of one flat file of several sets, set after set, as CSV without headers.
 *
 * @throws Error when the header of a file has other columns than expected
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
    throw new Error(
      `${key} has the columns ${found}, but it should have ${header}. Load the day again with "ladepuls load --from DAY".`,
    );
  return lines.subarray(end + 1);
}

function firstLine(lines: Buffer): [end: number, line: string] {
  const newline = lines.indexOf('\n');
  const end = newline < 0 ? lines.length : newline;
  return [end, lines.toString('utf8', 0, end)];
}
