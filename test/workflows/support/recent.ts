import { envelope, point, putPoll, slotAt, station } from '../../cleaning/support/polls.js';
import { activitiesOf, type LoadBench, openBench } from '../../warehouse/support/loads.js';

/** A bench with a clock that tests set, and with answers that have one station per feed, with one charging point. */
export interface RecentBench {
  bench: LoadBench;
  put: (index: number, feed: string, point: string) => Promise<unknown>;
  /** Set the clock to some seconds after the start of a slot; from number 144 on, the slot is on the next day. */
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
