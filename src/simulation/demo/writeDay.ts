import pMap from 'p-map';
import { type Day, slotsOfDay } from '../../domain/day.js';
import type { Slot } from '../../domain/slot.js';
import type { Fleet } from '../feed/fleet.js';
import { listRaw, putRaw } from '../../stores/raw.js';
import type { Store } from '../../stores/store.js';
import { type DemoPlan, PAST_INTERVAL_MINUTES } from './plan.js';

/** Each write waits for the disk several times. */
const WRITES_AT_ONCE = 24;
/** From a slot to its request, and from there to the answer. */
const REQUEST_DELAY_MS = 1_500;
const ANSWER_DELAY_MS = 400;

/**
 * Writes what the simulated feeds would have answered in those slots of a day that lie in the plan's past and have no
 * answer yet. Every answer is a pure function of the plan: writing it again changes nothing.
 *
 * @returns how many answers were written
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
  /** The feed's place among all: they are asked one after the other. */
  index: number;
}

/** In the order of slots: the fleet works out a day's statuses once. */
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
    url: null, // nobody was asked
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
