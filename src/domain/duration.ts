import { Duration } from 'luxon';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/**
 * Format a duration in milliseconds for people: in whole seconds, from one hour on in whole minutes.
 *
 * @example describeDuration(5_400_000) // '1 hr, 30 min'
 */
export function describeDuration(ms: number): string {
  const unitMs = ms < HOUR_MS ? SECOND_MS : MINUTE_MS;
  const rounded = Math.max(1, Math.round(ms / unitMs)) * unitMs;
  return Duration.fromMillis(rounded, { locale: 'en' }).rescale().toHuman({ unitDisplay: 'short' });
}
