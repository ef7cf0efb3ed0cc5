import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { CHUNK_SIZES, type ChunkSizes } from '../../../src/domain/chunks.js';
import { putPoll } from '../../cleaning/support/polls.js';
import { makeStores } from '../../cleaning/support/stores.js';
import { putCorrection } from '../../../src/stores/corrections.js';
import { activitiesOf, type LoadBench, loadDay, newLoad, SMALL_CHUNKS, stepsOf } from '../support/loads.js';
import { examples } from '../../support/sample.js';
import { killConnections } from '../support/sessions.js';
import { recordIntervals } from './events.js';
import {
  type Answer,
  answersOf,
  bodyOf,
  correctionsOf,
  DAYS,
  fleet,
  markExcluded,
  rangeOf,
} from './fleet.js';
import { brokenPromises, lines, published } from './published.js';
import { referenceOf, together } from './reference.js';

/** Number of tries of a load that fails because of other loads or a broken connection. Temporal would retry forever. */
const TRIES = 20;

export interface ReferenceOptions {
  make: () => Promise<LoadBench & { remove: () => Promise<void> }>;
  /** Deletes all rows of the warehouse. */
  empty: (url: string) => Promise<void>;
  /** Number of fleets to try. */
  fleets: { few: number; all: number };
  /** Number of fleets that share one warehouse at a time; they share no entities. */
  sideBySide: number;
  /** Sizes of a day's chunks. By default, every third example uses small chunks, which take several times as long. */
  chunkSizes?: fc.Arbitrary<ChunkSizes>;
}

/**
 * One or two days that are loaded in parallel, and the step at which the load of the first is killed before; null if
 * none is killed.
 */
interface Loading {
  days: string[];
  killedAt: number | null;
}

const loading = fc.record<Loading>({
  days: fc.shuffledSubarray(DAYS, { minLength: 1, maxLength: 2 }),
  killedAt: fc.option(fc.nat(7), { freq: 3 }),
});
/** Loads before all answers have arrived, in any order; a day may be loaded several times. */
const before = fc.array(loading, { maxLength: 4 });
/** All days again, in any order. */
const after = fc.shuffledSubarray(DAYS, { minLength: DAYS.length });

async function load(parts: LoadBench, { days, killedAt }: Loading): Promise<void> {
  if (killedAt !== null) await beginAndDie(parts, days[0] ?? '', killedAt);
  await Promise.all(days.map((day) => loadPersistently(parts, day)));
}

/** Run the first steps of a load, break its connections during the next step, and abandon the load. */
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

/**
 * Define the test that, whatever happens, a warehouse has the content of a simple computation in memory, row for row.
 */
export function itHoldsTheReference({
  make,
  empty,
  fleets,
  sideBySide,
  chunkSizes: sizes = fc.constantFrom(CHUNK_SIZES, SMALL_CHUNKS, CHUNK_SIZES),
}: ReferenceOptions): void {
  let bench: LoadBench;
  beforeAll(async () => {
    const made = await make();
    bench = made;
    return () => made.remove();
  });

  it(
    'whatever a fleet does, and however its days are loaded, the warehouse is what the reference says, row for row',
    async () => {
      const property = fc.asyncProperty(
        fc.array(fleet, { minLength: sideBySide, maxLength: sideBySide }),
        correctionsOf(sideBySide),
        before,
        after,
        sizes,
        async (shown, corrections, early, again, chunkSizes) => {
          const stores = makeStores();
          try {
            await empty(bench.url);
            const { raw } = stores;
            const { warehouse, flat } = bench;
            const parts = { ...bench, raw, activities: activitiesOf({ raw, flat, warehouse, chunkSizes }) };
            const byFleet = shown.map((one, number) => markExcluded(answersOf(one, number + 1), corrections));
            const answers = byFleet.flat();
            await recordIntervals(
              raw,
              answers.map(({ feed }) => feed),
            );
            const put = async (isWanted: (of: { isLate: boolean }) => boolean) => {
              const putAnswer = (answer: Answer) => putPoll(raw, { ...answer, body: bodyOf(answer) });
              await Promise.all(answers.filter(isWanted).map(putAnswer));
              for (const { feed, kind, instant, ...range } of corrections.filter(isWanted)) {
                const correction = { feed, kind, ...rangeOf(range), reason: null, by: 'test@host' };
                // No earlier corrections are named, so that the instants stay as they are, in any order.
                await putCorrection(raw, correction, { earlier: [], nowMs: instant });
              }
            };
            await put(({ isLate }) => !isLate);
            for (const one of early) await load(parts, one);
            await put(({ isLate }) => isLate);
            for (const day of again) await load(parts, { days: [day], killedAt: null });
            const expected = together(byFleet.map(referenceOf));
            const found = await published(bench.url);
            for (const table of Object.keys(found))
              expect(lines(found[table] ?? []), table).toEqual(lines(expected[table] ?? []));
            expect(await brokenPromises(bench.url)).toEqual([]);
          } finally {
            stores.remove();
          }
        },
      );
      await fc.assert(property, examples(fleets.few / sideBySide, fleets.all / sideBySide));
    },
    4 * 3_600_000,
  );
}
