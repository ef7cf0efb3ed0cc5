import { ALLOWED_INTERVAL_MINUTES } from '../../domain/slot.js';
import { type ValueType, valueType } from './valueType.js';

const MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Convert a duration such as 500ms, 20s, 10m or 6h to milliseconds. NaN if the text is no duration. */
function durationMs(text: string): number {
  const [, count = '', unit = ''] = /^(\d+)(ms|s|m|h|d)$/.exec(text) ?? [];
  return Number(count) * (MS[unit] ?? NaN);
}

/** A positive duration of at most `longestMs`. The value is in milliseconds. */
function duration(longestMs: number, allowed: string): ValueType<number> {
  return valueType({
    allowed,
    unit: 'ms, s, m or h',
    read(text) {
      const ms = durationMs(text);
      return ms > 0 && ms <= longestMs ? ms : undefined;
    },
  });
}

/** Whole minutes that `isAllowed` accepts. The value is in minutes. */
function minutes(isAllowed: (minutes: number) => boolean, allowed: string): ValueType<number> {
  return valueType({
    allowed,
    unit: 'm or h',
    read(text) {
      const minutes = durationMs(text) / 60_000;
      return Number.isInteger(minutes) && isAllowed(minutes) ? minutes : undefined;
    },
  });
}

/**
 * The time limit of a request, in milliseconds. At most 1 h, because Node's timers of more than 24 days would fire
 * immediately.
 */
export const timeout = duration(3_600_000, 'a duration such as 500ms, 20s or 2m, at most 1h');

/** The time limit of a reader's statement in the warehouse, in milliseconds. More than 24 h would be no real limit. */
export const readingTime = duration(86_400_000, 'a duration such as 30s, 15m or 2h, at most 24h');

/** The interval of polls, in minutes. It divides an hour, so that the slots of each hour are at the same minutes. */
export const interval = minutes(
  (minutes) => ALLOWED_INTERVAL_MINUTES.some((allowed) => allowed === minutes),
  `whole minutes that divide an hour: ${ALLOWED_INTERVAL_MINUTES.map((minutes) => `${minutes}m`).join(', ')}`,
);

/** The interval of loads of the current day, in minutes. */
export const loadInterval = minutes(
  (minutes) => minutes >= 5 && minutes <= 12 * 60,
  'whole minutes from 5m to 12h, such as 1h',
);
