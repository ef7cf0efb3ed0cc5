import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { FLAT_FILES, type FlatFile } from '../domain/flatFiles.js';
import { flatKey, type FlatSet } from './flat.js';
import type { Store } from './store.js';

const NEWLINE = 0x0a;

/**
 * The rows of one flat file of several sets, one after another, as CSV without headers. Throws where a header has other
 * columns than it should.
 */
export async function* readFlatRows(
  store: Store,
  sets: readonly FlatSet[],
  file: FlatFile,
): AsyncGenerator<Buffer> {
  for (const set of sets) yield* withoutHeader(store, flatKey(set, file), FLAT_FILES[file].join(','));
}

async function* withoutHeader(store: Store, key: string, header: string): AsyncGenerator<Buffer> {
  const stored = await store.getStream(key);
  const rows = createGunzip();
  pipeline(stored, rows, () => undefined); // whoever reads the rows hears of failures
  let begin: Buffer | null = Buffer.alloc(0);
  for await (const chunk of rows as AsyncIterable<Buffer>) {
    if (begin === null) {
      yield chunk;
      continue;
    }
    begin = Buffer.concat([begin, chunk]);
    const end = begin.indexOf(NEWLINE);
    if (end < 0) continue;
    const found = begin.toString('utf8', 0, end);
    if (found !== header)
      throw new Error(`${key} has the columns ${found}, but it should have ${header}: clean the day again`);
    yield begin.subarray(end + 1);
    begin = null;
  }
}
