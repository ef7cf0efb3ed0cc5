import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { expect } from 'vitest';
import { FLAT_FILES, type FlatFile } from '../../../src/domain/flatFiles.js';
import { flatKey, getManifest, type FlatSet } from '../../../src/stores/flat.js';
import { ObjectNotFound, type Store } from '../../../src/stores/store.js';

export type FlatRow = Record<string, string | null>;

/** Parses CSV as COPY does: what is empty is null, unless it stands in quotes. */
export function parseCsv(text: string): FlatRow[] {
  return parse(text, {
    columns: true,
    cast: (value, { quoting }) => (value === '' && !quoting ? null : value),
  });
}

/** The rows of a flat file, by a CSV library; none where the file is not written. */
export async function readFlat(flat: Store, set: FlatSet, file: FlatFile): Promise<FlatRow[]> {
  try {
    return parseCsv(gunzipSync(await flat.get(flatKey(set, file))).toString('utf8'));
  } catch (error) {
    if (error instanceof ObjectNotFound) return [];
    throw error;
  }
}

/** The facts that a set's status spans stand for: one for each poll that a span covers, as the warehouse makes them. */
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

/** A set's files and manifest, each as a digest of its bytes. */
export async function digestSet(flat: Store, set: FlatSet): Promise<Record<string, string>> {
  const digests: Record<string, string> = { manifest: JSON.stringify(await getManifest(flat, set)) };
  for (const file of Object.keys(FLAT_FILES) as FlatFile[]) {
    const bytes = await flat.get(flatKey(set, file)).catch(() => null);
    digests[file] = bytes ? createHash('sha256').update(bytes).digest('hex') : 'absent';
  }
  return digests;
}
