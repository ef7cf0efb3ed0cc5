import pMap from 'p-map';
import { compareBytes } from '../stores/key.js';
import type { Store, StoredObject } from '../stores/store.js';

/** All that a raw store holds but `collector.json`, which names the one store that it stands in. */
const PREFIXES = ['polls/', 'answers/', 'runs/', 'collection/'];

/** Objects that are copied at once. */
const OBJECTS_AT_ONCE = 16;

/** What copying did, in objects. */
export interface CopySummary {
  copied: number;
  alreadyThere: number;
}

/**
 * Makes a raw store the union of itself and another one: every poll, wrong answer, slot run and log entry
 * of the other that is not there yet is copied. Nothing is replaced, so copying again changes nothing.
 * @throws what the stores throw, and the signal's reason when it aborts; copying again goes on from there
 */
export async function copyRawStore(
  from: Store,
  to: Store,
  options: { signal?: AbortSignal; onProgress?: (summary: CopySummary) => void } = {},
): Promise<CopySummary> {
  const summary: CopySummary = { copied: 0, alreadyThere: 0 };
  const copy = async ({ key, isThere }: Found): Promise<void> => {
    const isNew = !isThere && (await to.putNew(key, await from.get(key)));
    if (isNew) summary.copied++;
    else summary.alreadyThere++;
    options.onProgress?.(summary);
  };
  for (const prefix of PREFIXES) {
    await pMap(compare(from.list(prefix), to.list(prefix)), copy, {
      concurrency: OBJECTS_AT_ONCE,
      ...(options.signal && { signal: options.signal }),
    });
  }
  return summary;
}

interface Found {
  key: string;
  isThere: boolean;
}

/** Goes along two listings side by side, both in the byte order of their keys: says of each of theirs whether it is in ours. */
async function* compare(
  theirs: AsyncIterable<StoredObject>,
  ours: AsyncIterable<StoredObject>,
): AsyncGenerator<Found> {
  const rest = ours[Symbol.asyncIterator]();
  let next = await rest.next();
  for await (const { key } of theirs) {
    while (next.done !== true && compareBytes(next.value.key, key) < 0) next = await rest.next();
    yield { key, isThere: next.done !== true && next.value.key === key };
  }
}
