/**
 * The beginning of the hour of UTC that an instant is in, as SQL. DATE_TRUNC of a timestamptz would go by the session's
 * time zone, in some of which hours begin at other minutes.
 *
 * @param at SQL of a timestamptz
 */
export function startOfHour(at: string): string {
  return `date_trunc('hour', ${at} at time zone 'UTC') at time zone 'UTC'`;
}

/**
 * An instant so much later, as SQL. DATEADD knows no timestamptz: it would take and give the session's local time, in which
 * an hour may be missing or come twice.
 *
 * @param part of time, as DATEADD names it, such as `minute`
 * @param amount SQL of an int
 * @param at SQL of a timestamptz
 */
export function later(part: 'second' | 'minute' | 'hour', amount: string, at: string): string {
  return `dateadd(${part}, ${amount}, ${at} at time zone 'UTC') at time zone 'UTC'`;
}

/** Minutes between two instants, as SQL: by their epochs, which no session's time zone changes as it may DATEDIFF. */
export function minutesBetween(start: string, end: string): string {
  return `((extract(epoch from ${end}) - extract(epoch from ${start})) / 60)`;
}
