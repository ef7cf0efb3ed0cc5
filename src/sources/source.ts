import type { StationReading } from '../domain/observation.js';
import type { PageLinks } from './paging.js';

/** The form of a feed's name, which is part of object keys. */
export const FEED_NAME = /^[A-Za-z0-9][A-Za-z0-9._~-]{0,63}$/;

/** The content of an accepted answer before its stations are read. */
export interface Envelope {
  /** Milliseconds since the epoch at which the server says that it answered; null when it does not say. */
  timestampMs: number | null;
  /** The stations as parsed JSON. */
  stations: unknown[];
  /** JSON path of the stations in the answer, such as `$.data`. */
  path: string;
  /** What the envelope says about other pages of the same answer. */
  links: PageLinks;
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
 * The kind of API that a feed speaks. To add a source, add a folder below `src/sources` and a line in `registry.ts`.
 *
 * All functions but `defaultUrl` are pure: the same body always gives the same readings.
 */
export interface Source {
  readonly name: string;
  /** Return the address of a feed that has no address of its own; null when every feed of this source needs one. */
  defaultUrl(feed: string, settings: SourceSettings): string | null;
  /** The keys of an envelope, one of which holds the array of stations. */
  readonly stationsKeys: readonly string[];
  /**
   * Check the envelope of an answer's parsed JSON.
   *
   * @throws BadAnswer when the envelope is not in the source's format
   */
  readEnvelope(json: unknown): Envelope;
  /** Count the records that reading a station visits: the station, its charging points and their connectors. */
  countRecords(station: unknown): number;
  /**
   * Read and normalise one station of the envelope, with its charging points and connectors. Never throws because of
   * data: unreadable records are listed in `quarantined`, unreadable attributes in `fieldIssues`.
   */
  readStation(station: unknown, path: string): StationReading;
  /**
   * Return when the newest part of a station was last updated, in milliseconds since the epoch; null when the station
   * does not say. Decides between two records of one station in one poll.
   */
  updatedMs(station: unknown): number | null;
  /**
   * Keys, at any depth of a station, that change without being master data, such as `status`. When a station equals an
   * earlier one except for these keys, {@link rereadStatuses} reads it.
   */
  readonly volatileKeys: ReadonlySet<string>;
  /**
   * Write the statuses of `station` into `reading` and return it. `reading` must come from a station that equals
   * `station` except for the volatile keys. Returns null when a status needs full reading; `reading` is then unchanged,
   * and the caller reads the station in full. Changes `reading` in place because this is the hot path of cleaning.
   */
  rereadStatuses(station: unknown, reading: StationReading): StationReading | null;
}

export interface SourceSettings {
  /** Base address of ChargeCloud's API, without a trailing slash. */
  chargecloudUrl: string;
}
