/** Groups of statuses. */
export const STATUS_GROUPS = ['available', 'occupied', 'out_of_service', 'unknown'] as const;
export type StatusGroup = (typeof STATUS_GROUPS)[number];

/** A current status. */
export interface Now {
  /** Status as given by the feed, in the last slot that showed it. */
  status: string;
  status_group: StatusGroup;
  /** Beginning of the status, ISO 8601, UTC; `observed_at` likewise. */
  since: string;
  /** Whether the status may have begun earlier, because the time before was not observed. */
  since_at_least: boolean;
  observed_at: string;
  /** Whether `observed_at` is recent enough for the status to be valid now. */
  is_fresh: boolean;
}

/**
 * Current number of charging points of a station in each state. Charging points that were not observed recently are
 * unknown.
 */
export interface StationNow {
  charging_points: number;
  available: number;
  occupied: number;
  out_of_service: number;
  unknown: number;
  observed_at: string | null;
}

/**
 * Return a condition that a slot is recent enough for its statuses to be valid now. At most as many slots may be
 * missing since then as events bridge. Expects a row of current_status or current_feed as `current`.
 *
 * @param bridged placeholder of the parameter with the number of bridged slots
 */
export const isFresh = (column: string, bridged: string) =>
  `(${column} + (1 + ${bridged}::int) * make_interval(mins => current.interval_minutes) > now())`;

/** Return an expression for an instant as ISO 8601 in UTC, to the second. */
export const iso = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

/** Expression for the group of a status; expects config.status_group joined as `meaning`. */
export const GROUP = `coalesce(meaning.status_group, 'unknown')`;

/**
 * Return an expression for {@link Now} as JSON; null without a status. Expects the row of current_status as `current`.
 */
export const nowObject = (bridged: string) => `case when current.id_cp is not null then json_build_object(
  'status', current.status,
  'status_group', ${GROUP},
  'since', ${iso('current.since')},
  'since_at_least', current.since_cut is not null,
  'observed_at', ${iso('current.slot')},
  'is_fresh', ${isFresh('current.slot', bridged)}
) end`;
