/** What a status stands for. */
export const STATUS_GROUPS = ['available', 'occupied', 'out_of_service', 'unknown'] as const;
export type StatusGroup = (typeof STATUS_GROUPS)[number];

/** A status of now. */
export interface Now {
  /** As the feed gave it, in the last slot that showed it. */
  status: string;
  status_group: StatusGroup;
  /** ISO instants, UTC. */
  since: string;
  /** Whether it may have begun earlier: nobody looked. */
  since_at_least: boolean;
  observed_at: string;
  /** Whether that is recent enough to hold now. */
  is_fresh: boolean;
}

/** How many charging points of a station are in each state now; those that were not seen lately are unknown. */
export interface StationNow {
  charging_points: number;
  available: number;
  occupied: number;
  out_of_service: number;
  unknown: number;
  observed_at: string | null;
}

/**
 * Whether the last slot that showed something is recent enough to hold now: no more slots are missing since than events
 * bridge. `current` is a row of current_status or current_feed.
 *
 * @param bridged the parameter's number
 */
export const isFresh = (column: string, bridged: string) =>
  `(${column} + (1 + ${bridged}::int) * make_interval(mins => current.interval_minutes) > now())`;

/** An instant as ISO 8601 in UTC, to the second. */
export const iso = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

/** What a status stands for, where config.status_group is joined as `meaning`. */
export const GROUP = `coalesce(meaning.status_group, 'unknown')`;

/** `Now` as JSON, of a row of current_status as `current`; null where there is none. */
export const nowObject = (bridged: string) => `case when current.id_cp is not null then json_build_object(
  'status', current.status,
  'status_group', ${GROUP},
  'since', ${iso('current.since')},
  'since_at_least', current.since_cut is not null,
  'observed_at', ${iso('current.slot')},
  'is_fresh', ${isFresh('current.slot', bridged)}
) end`;
