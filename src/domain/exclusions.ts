import type { Slot } from './slot.js';

/**
 * The part of a feed's day that does not count, because it belongs to another feed. It is determined when the content
 * spans of all feeds are known. The feed is then cleaned again without it.
 */
export interface Exclusions {
  /** Polls in which more than half of the charging points belong to another feed on that day. */
  polls: Slot[];
  /** For each id: the slots in which another feed's record counts. */
  stations: Record<string, Slot[]>;
  charging_points: Record<string, Slot[]>;
  connectors: Record<string, Slot[]>;
  /** `source_id`s of stations whose `id_cs` equals that of another station. */
  colliding_stations: string[];
}

export function noExclusions(): Exclusions {
  return { polls: [], stations: {}, charging_points: {}, connectors: {}, colliding_stations: [] };
}
