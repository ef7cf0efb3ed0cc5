import { recordImport } from '../../../src/stores/collectionLog.js';
import type { Store } from '../../../src/stores/store.js';
import { dayBounds, dayOf } from '../../../src/domain/day.js';
import { formatSlot } from '../../../src/domain/slot.js';
import { ZONE } from '../../cleaning/support/polls.js';
import { DAYS } from './fleet.js';

const MINUTE_MS = 60_000;
const BRIDGED_SLOTS = 2;

/** The status of a charging point in one slot. */
export interface Observed {
  id: string;
  feed: string;
  slot: number;
  status: string;
}

/**
 * Return the interval of a feed in minutes. A fleet is polled every one to three hours. Therefore its gaps are bridged,
 * exactly as long as can be bridged, or too long.
 */
function minutesOf(feed: string): number {
  const [, number = '', letter] = /^f(\d+)([ab])$/.exec(feed) ?? [];
  return [60, 30, 20][(Number(number) + (letter === 'b' ? 1 : 0)) % 3] ?? NaN;
}

/** Record the feeds' intervals in the collection log. */
export async function recordIntervals(raw: Store, feeds: Iterable<string>): Promise<void> {
  for (const feed of new Set(feeds))
    for (const day of DAYS)
      await recordImport(raw, { feed, source: 'chargecloud', day, intervalMinutes: minutesOf(feed) });
}

interface Stretch {
  start: number;
  end: number;
  status: string;
  minutes: number;
  observed: number;
}

/** Compute status intervals and events in the simplest way: observation by observation, over all days at once. */
export function lastingOf(observed: Observed[]) {
  const ids = [...new Set(observed.map(({ id }) => id))];
  const points = ids.map((id) => ({
    id,
    stretches: stretchesOf(observed.filter((one) => one.id === id)),
  }));
  return {
    status_interval: points.flatMap(({ id, stretches }) =>
      stretches.map(({ start, end, status, minutes }) => ({
        id,
        day: dayOf(start, ZONE),
        start_at: formatSlot(start),
        end_at: formatSlot(end),
        status,
        interval_minutes: minutes,
      })),
    ),
    status_event: points.flatMap(({ id, stretches }) => {
      const events = chain(stretches);
      return events.map((event, at) => {
        const [before, after] = [events[at - 1], events[at + 1]];
        return {
          id,
          day: dayOf(event.start, ZONE),
          start_at: formatSlot(event.start),
          end_at: formatSlot(event.end),
          status: event.status,
          observed_minutes: event.observed,
          interval_minutes: event.minutes,
          status_before: before && isLinked(before, event) ? before.status : null,
          status_after: after && isLinked(event, after) ? after.status : null,
          start_cut: cut(before, before && isLinked(before, event)),
          end_cut: cut(after, after && isLinked(event, after)),
        };
      });
    }),
  };
}

function cut(other: Stretch | undefined, linked: boolean | undefined): string | null {
  if (!other) return 'edge';
  return linked ? null : 'gap';
}

/**
 * Return the stretches of one status of one charging point without a missing slot. A stretch ends at the end of its day
 * at the latest.
 */
export function stretchesOf(observed: Observed[]): Stretch[] {
  const slots = [...observed].sort((a, b) => a.slot - b.slot);
  const stretches: Stretch[] = [];
  for (const [at, { slot, feed, status }] of slots.entries()) {
    const minutes = minutesOf(feed);
    const ends = [
      slot + minutes * MINUTE_MS,
      slots[at + 1]?.slot ?? Infinity,
      dayBounds(dayOf(slot, ZONE), ZONE).end,
    ];
    const end = Math.min(...ends);
    const last = stretches.at(-1);
    if (last?.status === status && last.end === slot && dayOf(last.start, ZONE) === dayOf(slot, ZONE))
      Object.assign(last, { end, minutes, observed: (end - last.start) / MINUTE_MS });
    else stretches.push({ start: slot, end, status, minutes, observed: (end - slot) / MINUTE_MS });
  }
  return stretches;
}

/** Join stretches of one status that are separated by at most {@link BRIDGED_SLOTS} missing slots. */
function chain(intervals: Stretch[]): Stretch[] {
  const events: Stretch[] = [];
  for (const interval of intervals) {
    const last = events.at(-1);
    if (last?.status === interval.status && isLinked(last, interval))
      Object.assign(last, {
        end: interval.end,
        minutes: interval.minutes,
        observed: last.observed + interval.observed,
      });
    else events.push({ ...interval });
  }
  return events;
}

function isLinked(before: Stretch, after: Stretch): boolean {
  return after.start <= before.end + BRIDGED_SLOTS * before.minutes * MINUTE_MS;
}
