import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import type { RecentLoad } from '../../../src/activities/recent.js';
import { dayOf } from '../../../src/domain/day.js';
import { runActivity } from '../../activities/support/runActivity.js';
import { putPoll, ZONE } from '../../cleaning/support/polls.js';
import { makeStores } from '../../cleaning/support/stores.js';
import { examples, isLong } from '../../support/sample.js';
import { activitiesOf, type LoadBench, loadDay, newLoad, stepsOf } from '../support/loads.js';
import { addOrReplace } from '../support/recent.js';
import { digestWithoutHours, query } from '../support/query.js';
import { killConnections } from '../support/sessions.js';
import { recordIntervals } from './events.js';
import { type Answer, answersOf, bodyOf, DAYS, type Fleet, fleet } from './fleet.js';
import { brokenPromises, lines, published } from './published.js';
import { referenceOf, together } from './reference.js';

const HOUR_MS = 3_600_000;
/** Time between the slot of a late answer and its arrival. */
const LATE_MS = 2 * HOUR_MS;
const OF_HOURS: ReadonlySet<string> = new Set(['status_hour', 'utilization_hour']);
/** Number of tries of a load whose connections were broken. Temporal would retry forever. */
const TRIES = 20;

export interface RecentOptions {
  make: () => Promise<LoadBench & { remove: () => Promise<void> }>;
  /** Deletes all rows of the warehouse. */
  empty: (url: string) => Promise<void>;
  /** Number of examples to try. */
  runs: { few: number; all: number };
  /** Whether the warehouse has the results of quality rules. */
  hasQuality: boolean;
}

/** Hours until the next load, and the step at which the load is killed first; null if it is not killed. */
interface Pause {
  hours: number;
  killedAt: number | null;
}

const pause = fc.record<Pause>({
  hours: fc.constantFrom(5, 9, 15, 20),
  killedAt: fc.option(fc.nat(8), { freq: 5 }),
});
/** A fleet of one feed. Most fleets have one feed, because an id that two feeds show prevents additions. */
const ofOneFeed: fc.Arbitrary<Fleet> = fleet.map((one) => ({ ...one, feeds: ['a'] as const }));
const fleets = fc.oneof(
  { arbitrary: fc.array(ofOneFeed, { minLength: 2, maxLength: 4 }), weight: 3 },
  { arbitrary: fc.array(fleet, { minLength: 1, maxLength: 2 }), weight: 1 },
);

/**
 * Define the test that repeated loads during the day give the same days as the reference, and as the loads at night.
 */
export function itAddsDuringTheDay({ make, empty, runs, hasQuality }: RecentOptions): void {
  let bench: LoadBench;
  beforeAll(async () => {
    const made = await make();
    bench = made;
    return () => made.remove();
  });

  it(
    'days that are loaded while they are under way are what the reference says, and the night’s loads change no row',
    async () => {
      const kinds = { additions: 0, wholes: 0 };
      const property = fc.asyncProperty(fleets, fc.array(pause, { minLength: 1 }), async (shown, pauses) => {
        const stores = makeStores();
        try {
          await empty(bench.url);
          const { raw } = stores;
          const { warehouse, flat } = bench;
          let nowMs = 0;
          const parts = {
            ...bench,
            raw,
            activities: activitiesOf({ raw, flat, warehouse, now: () => nowMs }),
          };
          const byFleet = shown.map((one, number) => answersOf(one, number + 1).filter(arrivesThatDay));
          const toCome = byFleet.flat().sort((a, b) => arrival(a) - arrival(b));
          await recordIntervals(
            raw,
            toCome.map(({ feed }) => feed),
          );
          const end = Math.max(...toCome.map(({ slot }) => slot)) + 24 * HOUR_MS;
          for (let at = 0; toCome.length > 0 || nowMs < end; at++) {
            const { hours, killedAt } = pauses[at % pauses.length] ?? expect.fail();
            nowMs = (nowMs || Math.min(...toCome.map(({ slot }) => slot))) + hours * HOUR_MS;
            while (toCome[0] && arrival(toCome[0]) < nowMs) {
              const answer = toCome.shift() ?? expect.fail();
              await putPoll(raw, { ...answer, body: bodyOf(answer) });
            }
            await loadRecent(parts, killedAt, kinds);
          }
          // Days whose first answer came after the last load of the day are loaded at night.
          for (const day of DAYS) if (!(await warehouse.publishedDay(day))) await loadDay(parts, day);
          const expected = together(byFleet.map(referenceOf));
          const found = await published(bench.url);
          for (const [table, rows] of Object.entries(found)) {
            const wanted = lines(expected[table] ?? []);
            // After the last answer of a day, no addition is loaded. The remaining hours are loaded at night.
            if (OF_HOURS.has(table)) expect(wanted, table).toEqual(expect.arrayContaining(lines(rows)));
            else expect(lines(rows), table).toEqual(wanted);
          }
          expect(await brokenPromises(bench.url)).toEqual([]);
          const before = await digestOfPolls(bench.url, hasQuality);
          for (const day of DAYS) await loadDay(parts, day);
          expect(await digestOfPolls(bench.url, hasQuality)).toEqual(before);
          const atLast = await published(bench.url);
          for (const table of Object.keys(atLast).filter((name) => OF_HOURS.has(name)))
            expect(lines(atLast[table] ?? []), table).toEqual(lines(expected[table] ?? []));
        } finally {
          stores.remove();
        }
      });
      const tried = examples(runs.few, runs.all);
      await fc.assert(property, tried);
      if (!isLong) return;
      // Ensures that enough additions and whole loads were tried.
      expect(kinds.additions).toBeGreaterThan(2 * tried.numRuns);
      expect(kinds.wholes).toBeGreaterThan(tried.numRuns / 2);
    },
    2 * HOUR_MS,
  );
}

/**
 * Return the digest without coverage and its quality rule. The coverage of slots that nobody polled changes as time
 * passes, without a load.
 */
async function digestOfPolls(url: string, hasQuality: boolean): Promise<unknown[]> {
  const others = (await digestWithoutHours(url)).filter(([table]) => !/^ops\.(coverage|quality)/.test(table));
  if (!hasQuality) return others;
  const quality = (table: string) =>
    query(url, `select * from ops.${table} t where rule <> 'slots_stored' order by t::text`);
  return [...others, await quality('quality'), await quality('quality_finding')];
}

function arrival({ slot, isLate }: Answer): number {
  return isLate ? slot + LATE_MS : slot;
}

/** Answers that arrive after their day is over are left to the load at night. */
function arrivesThatDay(answer: Answer): boolean {
  return dayOf(arrival(answer), ZONE) === answer.day;
}

/** Run the loads that the workflow `loadRecent` would run. */
async function loadRecent(
  parts: LoadBench,
  killedAt: number | null,
  kinds: { additions: number; wholes: number },
): Promise<void> {
  for (let left = killedAt === null ? 0 : TRIES; ; left--) {
    try {
      for (const planned of await runActivity(parts.activities.planRecent)) {
        kinds[planned.addsTo === undefined ? 'wholes' : 'additions']++;
        if (left === TRIES) await beginAndDie(parts, planned, killedAt ?? 0);
        await addOrReplace(parts, planned);
      }
      return;
    } catch (error) {
      if (left <= 0) throw error;
    }
  }
}

async function beginAndDie(parts: LoadBench, planned: RecentLoad, killedAt: number): Promise<void> {
  const steps = stepsOf(parts, { ...newLoad(planned.day), ...planned });
  for (const step of steps.slice(0, killedAt)) if (!(await succeeds(step.run))) return;
  await Promise.allSettled([steps[killedAt]?.run(), killConnections(parts.url)]);
}

async function succeeds(run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run();
    return true;
  } catch {
    return false;
  }
}
