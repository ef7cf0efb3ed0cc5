import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { expect } from 'vitest';
import { FLAT_FILES, type FlatFile } from '../../../src/domain/flatFiles.js';
import { flatKey, getManifest, type FlatSet } from '../../../src/stores/flat.js';
import { ObjectNotFound, type Store } from '../../../src/stores/store.js';

export type FlatRow = Record<string, string | null>;

/** Parse CSV as COPY does: an empty value is null unless it is quoted. */
export function parseCsv(text: string): FlatRow[] {
  return parse(text, {
    columns: true,
    cast: (value, { quoting }) => (value === '' && !quoting ? null : value),
  });
}

/** Read the rows of a flat file with a CSV library. Returns none when the file does not exist. */
export async function readFlat(flat: Store, set: FlatSet, file: FlatFile): Promise<FlatRow[]> {
  try {
    return parseCsv(gunzipSync(await flat.get(flatKey(set, file))).toString('utf8'));
  } catch (error) {
    if (error instanceof ObjectNotFound) return [];
    throw error;
  }
}

/** Derive the facts from a set's status spans, as the warehouse does: one fact for each poll of a span. */
export async function readFacts(
  flat: Store,
  set: FlatSet,
  file: 'charging_point_status_span' | 'connector_status_span',
): Promise<FlatRow[]> {
  const polls = await readFlat(flat, set, 'poll');
  return (await readFlat(flat, set, file)).flatMap((span) => {
    const { feed, first_slot: first, last_slot: last, polls: counted, ...observed } = span;
    const goneOver = polls.filter(
      (poll) => poll.feed === feed && String(poll.slot) >= String(first) && String(poll.slot) <= String(last),
    );
    expect(goneOver).toHaveLength(Number(counted));
    return goneOver.map(({ slot, query_time: queryTime }): FlatRow =>
      Object.assign({}, observed, { slot, query_time: queryTime }),
    );
  });
}

/** Return digests of the bytes of a set's files and of its manifest. */
export async function digestSet(flat: Store, set: FlatSet): Promise<Record<string, string>> {
  const digests: Record<string, string> = { manifest: JSON.stringify(await getManifest(flat, set)) };
  for (const file of Object.keys(FLAT_FILES) as FlatFile[]) {
    const bytes = await flat.get(flatKey(set, file)).catch(() => null);
    digests[file] = bytes ? createHash('sha256').update(bytes).digest('hex') : 'absent';
  }
  return digests;
}
