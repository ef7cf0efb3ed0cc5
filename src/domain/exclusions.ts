import type { Slot } from './slot.js';

/**
 * What of one feed's day does not count, because it belongs to another feed. Found when the content spans of
 * all feeds stand side by side; the feed is then cleaned once more with it.
 */
export interface Exclusions {
  /** Polls more than half of whose charging points belong that day to another feed. */
  polls: Slot[];
  /** By id, the slots in which another feed's record counts. */
  stations: Record<string, Slot[]>;
  charging_points: Record<string, Slot[]>;
  connectors: Record<string, Slot[]>;
  /** `source_id`s of stations whose `id_cs` another station has. */
  colliding_stations: string[];
}

export function noExclusions(): Exclusions {
  return { polls: [], stations: {}, charging_points: {}, connectors: {}, colliding_stations: [] };
}
