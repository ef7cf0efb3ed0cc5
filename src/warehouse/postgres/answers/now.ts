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
