import { dayBounds } from '../../domain/day.js';
import type { Load } from '../warehouse.js';

const HOUR_MS = 3_600_000;
/** No two slots of a feed are further apart. */
export const LONGEST_INTERVAL_MINUTES = 60;

/**
 * The hours of UTC that a load measures, from the beginning of the first to that of the first behind them, in ms. Of the
 * hour that is under way, nobody knows the minutes yet: of a window, and of today, which the database's clock tells.
 */
export function measuredHours({ day, window }: Load, timeZone: string): { start: number; end: number } {
  const { start, end } = dayBounds(day, timeZone);
  return {
    start: Math.floor((window?.from ?? start) / HOUR_MS) * HOUR_MS,
    end: window ? Math.floor(window.to / HOUR_MS) * HOUR_MS : Math.ceil(end / HOUR_MS) * HOUR_MS,
  };
}
