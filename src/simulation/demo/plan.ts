import { z } from 'zod';
import { addDays, type Day, dayBounds, dayOf } from '../../domain/day.js';
import { pollDeadline, slotOf } from '../../domain/slot.js';
import type { FleetOptions } from '../feed/fleet.js';
import { recordCollection } from '../../stores/collectionLog.js';
import type { Store } from '../../stores/store.js';

/** The interval of the simulated past. Later polls use the interval of the settings. */
export const PAST_INTERVAL_MINUTES = 10;

/** Stations of each feed. About 270 charging points in all: enough for a demonstration, and loaded within a minute. */
const STATIONS = { koeln: 40, dortmund: 34, bonn: 24, kiel: 16, heidelberg: 14, tuebingen: 12 };
const RENUMBERED_FEED = 'bonn';
const SEED = 20_220_111;
/** Time that a poll of the current slot needs. If less time is left, the answers of that slot are simulated as well. */
const TIME_FOR_A_POLL_MS = 60_000;

const PLAN_KEY = 'simulated.json';

const planSchema = z.object({
  version: z.literal(1),
  about: z.string(),
  seed: z.int(),
  stations: z.record(z.string(), z.int()),
  renumbering: z.object({ feed: z.string(), day: z.string() }),
  time_zone: z.string(),
  first_day: z.string(),
  until: z.string(),
});

/** What a demo simulates. Decided when the demo starts for the first time. */
export interface DemoPlan {
  fleet: FleetOptions & { feeds: string[]; timeZone: string };
  /** First day of the simulated past. */
  firstDay: Day;
  /** The slot from which on feeds are polled, in milliseconds since the epoch. */
  untilMs: number;
}

/** How much a demo simulates. */
export interface DemoSize {
  /** Past days, in addition to the current day. */
  days: number;
  /** Stations of each feed. undefined: the demo's own numbers. */
  stationsPerFeed: number | undefined;
}

/**
 * Read the plan of the demo in a raw store, or make it. The plan is made once and stored there, together with its
 * collection log. Therefore a later start continues where an earlier one was interrupted, whatever `size` it is called
 * with.
 *
 * @param nowMs milliseconds since the epoch
 */
export async function makePlan(
  raw: Store,
  size: DemoSize,
  timeZone: string,
  nowMs: number,
): Promise<DemoPlan> {
  const made = newPlan(size, timeZone, nowMs);
  await raw.putNew(PLAN_KEY, Buffer.from(JSON.stringify(made, null, 2)));
  const plan = await readPlan(raw);
  await recordCollection(raw, {
    at: new Date(dayBounds(plan.firstDay, plan.fleet.timeZone).start).toISOString(),
    reason: 'the past that "ladepuls demo" makes up',
    interval_minutes: PAST_INTERVAL_MINUTES,
    feeds: plan.fleet.feeds.map((name) => ({ name, source: 'chargecloud', paused: false })),
    setting: null,
  });
  return plan;
}

/**
 * Read the plan of a demo.
 *
 * @throws ObjectNotFound when the raw store has no plan
 */
export async function readPlan(raw: Store): Promise<DemoPlan> {
  const plan = planSchema.parse(JSON.parse((await raw.get(PLAN_KEY)).toString()));
  const { seed, stations, renumbering, time_zone: timeZone } = plan;
  const feeds = Object.keys(stations);
  return {
    fleet: { seed, feeds, stationsPerFeed: stations, renumbering, timeZone },
    firstDay: plan.first_day,
    untilMs: Date.parse(plan.until),
  };
}

function newPlan({ days, stationsPerFeed }: DemoSize, timeZone: string, nowMs: number) {
  const today = dayOf(nowMs, timeZone);
  const firstDay = addDays(today, -days);
  const stations = Object.fromEntries(
    Object.entries(STATIONS).map(([feed, count]) => [feed, stationsPerFeed ?? count]),
  );
  const slot = slotOf(nowMs, PAST_INTERVAL_MINUTES);
  const isLate = nowMs > pollDeadline(slot, PAST_INTERVAL_MINUTES) - TIME_FOR_A_POLL_MS;
  const until = isLate ? slot + PAST_INTERVAL_MINUTES * 60_000 : slot;
  return {
    version: 1,
    about: 'Everything in this store was simulated by "ladepuls demo".',
    seed: SEED,
    stations,
    renumbering: { feed: RENUMBERED_FEED, day: addDays(firstDay, Math.ceil(days / 2)) },
    time_zone: timeZone,
    first_day: firstDay,
    until: new Date(until).toISOString(),
  } satisfies z.input<typeof planSchema>;
}
