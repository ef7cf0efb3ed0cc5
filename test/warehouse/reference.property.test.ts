import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { putPoll } from '../cleaning/support/polls.js';
import { makeStores } from '../cleaning/support/stores.js';
import { answersOf, bodyOf, DAYS, fleet } from './reference/fleet.js';
import { brokenPromises, lines, published } from './reference/published.js';
import { referenceOf, together } from './reference/reference.js';
import { activitiesOf, type LoadBench, loadDay, makeBench, newLoad, stepsOf } from './support/loads.js';
import { emptyWarehouse } from './support/empty.js';
import { killConnections } from './support/sessions.js';

const IS_LONG = Boolean(process.env.LADEPULS_TEST_LONG);
/** Fleets side by side in one warehouse; they have nothing to do with one another, and share what a load costs. */
const FLEETS = IS_LONG ? 100 : 25;
const RUNS = (IS_LONG ? 10_000 : 200) / FLEETS;
/** Tries of a load that others or a killed connection get in the way of; Temporal tries for ever. */
const TRIES = 20;

let bench: LoadBench;
beforeAll(async () => {
  const made = await makeBench();
  bench = made;
  return made.remove;
});

/** A day that is loaded, perhaps beside another one, perhaps killed at a step first. */
interface Loading {
  days: string[];
  killedAt: number | null;
}

const loading = fc.record<Loading>({
  days: fc.shuffledSubarray(DAYS, { minLength: 1, maxLength: 2 }),
  killedAt: fc.option(fc.nat(7), { freq: 3 }),
});
/** Days loaded before all answers are there, in some order, some of them several times. */
const before = fc.array(loading, { maxLength: 4 });
/** All days once more, in some order. */
const after = fc.shuffledSubarray(DAYS, { minLength: DAYS.length });

async function load(parts: LoadBench, { days, killedAt }: Loading): Promise<void> {
  if (killedAt !== null) await beginAndDie(parts, days[0] ?? '', killedAt);
  await Promise.all(days.map((day) => loadPersistently(parts, day)));
}

/** Takes the first steps of a load, breaks its connections in the middle of the next one, and leaves it there. */
async function beginAndDie(parts: LoadBench, day: string, killedAt: number): Promise<void> {
  for (const [index, step] of stepsOf(parts, newLoad(day)).entries()) {
    if (index < killedAt) {
      await step.run();
    } else {
      await Promise.allSettled([step.run(), killConnections(parts.url)]);
      return;
    }
  }
}

async function loadPersistently(parts: LoadBench, day: string): Promise<void> {
  for (let left = TRIES; ; left--) {
    try {
      await loadDay(parts, day);
      return;
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}

it(
  'whatever a fleet does, and however its days are loaded, the warehouse is what the reference says, row for row',
  async () => {
    const property = fc.asyncProperty(
      fc.array(fleet, { minLength: FLEETS, maxLength: FLEETS }),
      before,
      after,
      async (fleets, early, again) => {
        const stores = makeStores();
        try {
          await emptyWarehouse(bench.url);
          const parts = { ...bench, activities: activitiesOf({ ...stores, warehouse: bench.warehouse }) };
          const byFleet = fleets.map((one, number) => answersOf(one, number + 1));
          const answers = byFleet.flat();
          const put = (which: typeof answers) =>
            Promise.all(which.map((answer) => putPoll(stores.raw, { ...answer, body: bodyOf(answer) })));
          await put(answers.filter(({ isLate }) => !isLate));
          for (const one of early) await load(parts, one);
          await put(answers.filter(({ isLate }) => isLate));
          for (const day of again) await load(parts, { days: [day], killedAt: null });
          const expected = together(byFleet.map(referenceOf));
          const found = await published(bench.url);
          for (const table of Object.keys(expected))
            expect(lines(found[table] ?? []), table).toEqual(lines(expected[table] ?? []));
          expect(await brokenPromises(bench.url)).toEqual([]);
        } finally {
          stores.remove();
        }
      },
    );
    await fc.assert(property, { numRuns: RUNS, endOnFailure: true });
  },
  4 * 3_600_000,
);
