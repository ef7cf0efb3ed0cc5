import pMap from 'p-map';
import { type Day, slotsOfDay } from '../../domain/day.js';
import type { Slot } from '../../domain/slot.js';
import type { Fleet } from '../feed/fleet.js';
import { listRaw, putRaw } from '../../stores/raw.js';
import type { Store } from '../../stores/store.js';
import { type DemoPlan, PAST_INTERVAL_MINUTES } from './plan.js';

/** Many, because each write waits for the disk several times. */
const WRITES_AT_ONCE = 24;
/** Time from a slot to the first request and between two requests, and from a request to its answer. */
const REQUEST_DELAY_MS = 1_500;
const ANSWER_DELAY_MS = 400;

/**
 * Write the answers that the simulated feeds would have given in a day's slots: those in the plan's past that have no
 * answer yet. Idempotent, because each answer is a pure function of the plan.
 *
 * @returns the number of answers written
 */
export async function writeDay(
  raw: Store,
  fleet: Fleet,
  plan: DemoPlan,
  day: Day,
  signal: AbortSignal,
): Promise<number> {
  const { timeZone } = plan.fleet;
  const slots = slotsOfDay(day, timeZone, PAST_INTERVAL_MINUTES).filter((slot) => slot < plan.untilMs);
  const missing = slots.length === 0 ? [] : await missingPolls(raw, fleet.feeds, day, slots);
  await pMap(missing, (poll) => writePoll(raw, fleet, day, poll), { concurrency: WRITES_AT_ONCE, signal });
  return missing.length;
}

interface Poll {
  slot: Slot;
  feed: string;
  /** Index of the feed among all feeds, because feeds are polled one after the other. */
  index: number;
}

/** List the missing polls in the order of slots, so that the fleet computes the statuses of a day only once. */
async function missingPolls(
  raw: Store,
  feeds: readonly string[],
  day: Day,
  slots: readonly Slot[],
): Promise<Poll[]> {
  const there = new Set<string>();
  for (const feed of feeds) {
    for await (const { slot } of listRaw(raw, 'accepted', feed, day)) there.add(`${feed} ${slot}`);
  }
  return slots
    .flatMap((slot) => feeds.map((feed, index) => ({ slot, feed, index })))
    .filter(({ slot, feed }) => !there.has(`${feed} ${slot}`));
}

async function writePoll(raw: Store, fleet: Fleet, day: Day, { slot, feed, index }: Poll): Promise<void> {
  const startedMs = slot + REQUEST_DELAY_MS * (1 + index);
  const body = Buffer.from(fleet.envelope(feed, slot, startedMs));
  const origin = {
    feed,
    source: 'chargecloud',
    url: null, // no request was made
    origin: 'import',
    started_at: null,
    http_status: null,
    attempts: 0,
    reason: null,
    file: null,
    slot,
    day,
    receivedMs: startedMs + ANSWER_DELAY_MS,
  } as const;
  await putRaw(raw, 'accepted', origin, body);
}
