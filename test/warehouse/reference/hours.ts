import { dayBounds, dayOf } from '../../../src/domain/day.js';
import { formatSlot } from '../../../src/domain/slot.js';
import { ZONE } from '../../cleaning/support/polls.js';
import { type Observed, stretchesOf } from './events.js';
import { DAYS } from './fleet.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Time in which a charging point existed. */
export interface Life {
  id: string;
  from: number;
  /** End of the time; null if the charging point still exists. */
  to: number | null;
}

const GROUPS: Record<string, string> = { AVAILABLE: 'available', CHARGING: 'charging' };
const HOURS: number[] = [];
for (const day of DAYS) {
  const { start, end } = dayBounds(day, ZONE);
  for (let hour = start; hour < end; hour += HOUR_MS) HOURS.push(hour);
}

/** Compute the minutes of each status in each hour in the simplest way: hour by hour, over all days at once. */
export function hoursOf(observed: Observed[], lives: Life[], starts: { id: string; at: number }[]) {
  const status_hour: Record<string, unknown>[] = [];
  const utilization_hour: Record<string, unknown>[] = [];
  for (const id of new Set(lives.map((life) => life.id))) {
    const stretches = stretchesOf(observed.filter((one) => one.id === id));
    for (const hour of HOURS) {
      const minutes = new Map<string, number>();
      for (const { start, end, status } of stretches) {
        const lasted = (Math.min(end, hour + HOUR_MS) - Math.max(start, hour)) / MINUTE_MS;
        if (lasted > 0) minutes.set(status, (minutes.get(status) ?? 0) + lasted);
      }
      const key = { id, day: dayOf(hour, ZONE), hour: formatSlot(hour) };
      for (const [status, sum] of minutes) status_hour.push({ ...key, status, minutes: sum });
      const isThere = lives.some(
        (life) => life.id === id && life.from < hour + HOUR_MS && (life.to ?? Infinity) > hour,
      );
      if (!isThere) continue;
      const of = (group: string) =>
        [...minutes].reduce((sum, [status, more]) => sum + (GROUPS[status] === group ? more : 0), 0);
      utilization_hour.push({
        ...key,
        available_minutes: of('available'),
        occupied_minutes: of('charging'),
        charging_minutes: of('charging'),
        unobserved_minutes: 60 - of('available') - of('charging'),
        charging_starts: starts.filter(
          (start) => start.id === id && start.at >= hour && start.at < hour + HOUR_MS,
        ).length,
      });
    }
  }
  return { status_hour, utilization_hour };
}
