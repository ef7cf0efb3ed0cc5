import type { StationReading } from '../domain/observation.js';

/** What a feed's name may look like: it is part of object keys. */
export const FEED_NAME = /^[A-Za-z0-9][A-Za-z0-9._~-]{0,63}$/;

/** What a good answer holds, before its stations are read one by one. */
export interface Envelope {
  /** When the server says that it answered, milliseconds since the epoch; null where it does not say. */
  timestampMs: number | null;
  /** The stations as parsed JSON. */
  stations: unknown[];
  /** Where the stations stand in the answer, such as `$.data`. */
  path: string;
}

/** An answer that is not in the feed's format. `reason` is a word such as `status_code_3000`. */
export class BadAnswer extends Error {
  override name = 'BadAnswer';
  constructor(
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * The kind of API that a feed speaks. A new one is one folder below `src/sources` and one line in `registry.ts`.
 *
 * Everything but the address is pure: the same body gives the same readings, whenever it is read.
 */
export interface Source {
  readonly name: string;
  /** The address of a feed that names none itself; null where every feed of this source must bring its own. */
  defaultUrl(feed: string, settings: SourceSettings): string | null;
  /** The key of an envelope that holds the array of stations. */
  readonly stationsKey: string;
  /** Checks the envelope of an answer's parsed JSON. Throws {@link BadAnswer}. */
  readEnvelope(json: unknown): Envelope;
  /** How many records reading a station goes through: itself, its charging points and their connectors. */
  countRecords(station: unknown): number;
  /**
   * Reads and normalises one station of the envelope, with its charging points and connectors.
   * Never throws on data: what can't be read ends in `quarantined` or `fieldIssues`.
   */
  readStation(station: unknown, path: string): StationReading;
  /**
   * Keys, at any depth of a station, that change without being master data, such as `status`.
   * A station equal to an earlier one but for these keys is read by {@link rereadStatuses}.
   */
  readonly volatileKeys: ReadonlySet<string>;
  /**
   * The same reading with the statuses of `station`, which equals the station that `reading` was made of
   * but for the volatile keys. Returns null where a status is not an ordinary one; then the station is read in full.
   * Statuses are written into `reading` itself: this is the hot path of cleaning.
   */
  rereadStatuses(station: unknown, reading: StationReading): StationReading | null;
}

export interface SourceSettings {
  /** Base address of ChargeCloud's API, without a trailing slash. */
  chargecloudUrl: string;
}
