import type { ReadAnswer } from '../sources/readAnswer.js';
import type { Source } from '../sources/source.js';

/** A station of an answer, before it is read. */
export interface StationJson {
  raw: unknown;
  /** JSON path in the answer. With several documents, these are the elements of an array: `$[2].data[0]`. */
  path: string;
}

/**
 * Return the stations of an answer's documents, in their order. Pages change while they are read, so that a station may
 * be on two pages. The record that was updated last then stays at its place; of equally old ones, the record of the
 * earlier page. The other records come last, because the first record of an entity in a poll counts.
 */
export function stationsOf(source: Source, documents: readonly ReadAnswer[]): StationJson[] {
  const stations = documents.flatMap((document, number) => {
    const path = documents.length === 1 ? document.path : document.path.replace('$', () => `$[${number}]`);
    return document.stations.map((raw, index) => ({ raw, path: `${path}[${index}]` }));
  });
  if (documents.length === 1) return stations;
  const repeated = repeatedOf(source, stations);
  if (repeated.size === 0) return stations;
  return [...stations.filter((station) => !repeated.has(station)), ...repeated];
}

/** Return the records of stations that a better record of the same station exists for. */
function repeatedOf(source: Source, stations: readonly StationJson[]): Set<StationJson> {
  const best = new Map<unknown, StationJson>();
  const repeated = new Set<StationJson>();
  for (const station of stations) {
    const id = idOf(station.raw);
    const earlier = best.get(id);
    if (id === null || earlier === undefined) {
      if (id !== null) best.set(id, station);
    } else if (updatedMs(source, station) > updatedMs(source, earlier)) {
      best.set(id, station);
      repeated.add(earlier);
    } else repeated.add(station);
  }
  return repeated;
}

function updatedMs(source: Source, { raw }: StationJson): number {
  return source.updatedMs(raw) ?? -Infinity;
}

/** Return the value of a station's `id` before it is read; null without one. */
export function idOf(raw: unknown): unknown {
  if (typeof raw !== 'object' || raw === null || !('id' in raw)) return null;
  return raw.id ?? null;
}
