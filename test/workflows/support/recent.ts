import { envelope, point, putPoll, slotAt, station } from '../../cleaning/support/polls.js';
import { activitiesOf, type LoadBench, openBench } from '../../warehouse/support/loads.js';

/** A bench whose clock is set, and whose answers have one station of the feed's with one charging point. */
export interface RecentBench {
  bench: LoadBench;
  put: (index: number, feed: string, point: string) => Promise<unknown>;
  /** Some seconds after a slot has begun; from the 144th on, of the next day. */
  at: (index: number) => void;
}

const slotOf = (index: number) => slotAt(0) + index * 600_000;

export async function openRecent(): Promise<RecentBench> {
  const bench = await openBench();
  let nowMs = 0;
  return {
    bench: { ...bench, activities: activitiesOf({ ...bench, now: () => nowMs }) },
    put(index, feed, id) {
      const slot = slotOf(index);
      const body = envelope(slot, [station(feed === 'koeln' ? '1' : '2', [point(id)])]);
      return putPoll(bench.raw, { slot, feed, body });
    },
    at(index) {
      nowMs = slotOf(index) + 30_000;
    },
  };
}
