import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../../src/stores/open.js';
import type { RawKind } from '../../../src/stores/raw.js';
import { sealFeedDay } from './support/seal.js';
import { listUnsealedFeeds, removeSealedRuns } from '../../../src/stores/sealed/sealRuns.js';
import type { Store } from '../../../src/stores/store.js';
import { DAY, expectFeeds, keysBelow, putAnswer, putRun, read, seen } from './support/day.js';
import { FailingStore, Killed } from './support/failingStore.js';

const isLong = Boolean(process.env.LADEPULS_TEST_LONG);
const RUNS = isLong ? 300 : 20;
const TIMEOUT_MS = isLong ? 30 * 60_000 : 120_000;
const FEEDS = ['bonn', 'koeln'];
const KINDS = ['accepted', 'rejected'] as const;
/** More steps than sealing a day takes in these tests. */
const NEVER = 100_000;
const MAX_STEPS = 120;

/** The objects that are written to the raw store. */
interface Arrivals {
  answers: { feed: string; kind: RawKind; slotIndex: number; laterMs: number; body: string }[];
  runs: { slotIndex: number; id: string; outcomes: Record<string, string | null> }[];
}

/** A sealer of the day. It may be killed at a step, before or after the step is done. */
type Sealer = { killAtStep: number; after: boolean; seed: number };

const answer = fc.record({
  feed: fc.constantFrom(...FEEDS),
  kind: fc.constantFrom(...KINDS),
  slotIndex: fc.nat(3),
  laterMs: fc.nat(3),
  body: fc.oneof(fc.constantFrom('', 'x', '\n'), fc.string({ maxLength: 40 })),
});
const reason = fc.constantFrom('refused', 'late', null);
const run = fc.record({
  slotIndex: fc.nat(3),
  id: fc.constantFrom('a', 'b', 'c'),
  outcomes: fc.oneof(
    fc.record({ bonn: reason, koeln: reason }),
    fc.record({ koeln: reason }),
    fc.constant({}),
  ),
});
const arrivals: fc.Arbitrary<Arrivals> = fc.record({
  answers: fc.array(answer, { maxLength: 6 }),
  runs: fc.uniqueArray(run, { maxLength: 3, selector: ({ slotIndex, id }) => `${slotIndex} ${id}` }),
});
const sealer: fc.Arbitrary<Sealer> = fc.record({
  killAtStep: fc.oneof(fc.integer({ min: 1, max: MAX_STEPS }), fc.constant(NEVER)),
  after: fc.boolean(),
  seed: fc.nat(),
});
const round = fc.record({ arrivals, sealers: fc.array(sealer, { minLength: 1, maxLength: 3 }) });

it(
  'whatever comes, whoever seals at once and whoever is killed: readers see what they would see without',
  async () => {
    const property = fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 4 }), async (rounds) => {
      const [{ store, remove }, twin] = [temporaryStore(), temporaryStore()];
      try {
        for (const each of [store, twin.store]) await expectFeeds(each, FEEDS);
        for (const [index, { arrivals: arriving, sealers }] of rounds.entries()) {
          for (const each of [store, twin.store]) await arrive(each, arriving, index);
          const expected = await seen(twin.store, FEEDS);
          await sealAndWatch(store, sealers, twin.store);
          expect(await seen(store, FEEDS)).toEqual(expected);
        }
        await sealWhole(store);
        expect(await seen(store, FEEDS)).toEqual(await seen(twin.store, FEEDS));
        await expectSealed(store, twin.store);
      } finally {
        remove();
        twin.remove();
      }
    });
    // Races can't be reproduced; therefore failures are not shrunk.
    await fc.assert(property, { numRuns: RUNS, endOnFailure: true });
  },
  TIMEOUT_MS,
);

it(
  'killed at each of its steps, a sealer leaves all there is, and the next one ends its work',
  async () => {
    const [twin, probe] = [temporaryStore(), temporaryStore()];
    onTestFinished(() => [twin, probe].forEach(({ remove }) => remove()));
    for (const { store } of [twin, probe]) await fillTwice(store);
    const counting = new FailingStore(probe.store, { step: NEVER, after: false });
    await sealWhole(counting);
    const expected = await seen(twin.store, FEEDS);
    expect(counting.steps).toBeGreaterThan(40);
    for (let step = 1; step <= counting.steps; step++) {
      for (const after of isLong ? [false, true] : [step % 2 === 0]) {
        const { store, remove } = temporaryStore();
        await fillTwice(store);
        const killed = new FailingStore(store, { step, after });
        await expect(sealWhole(killed), `step ${step}`).rejects.toThrow();
        expect(await seen(store, FEEDS), `step ${step}`).toEqual(expected);
        await sealWhole(store);
        expect(await seen(store, FEEDS), `step ${step}`).toEqual(expected);
        expect(await keysBelow(store, 'sealed/')).toEqual(await keysBelow(probe.store, 'sealed/'));
        remove();
      }
    }
  },
  TIMEOUT_MS,
);

/** Fill a day with a generation, and with objects that arrived later. */
async function fillTwice(store: Store): Promise<void> {
  await expectFeeds(store, FEEDS);
  await putAnswer(store, { feed: 'koeln', slotIndex: 1, body: 'first' });
  await putAnswer(store, { feed: 'koeln', slotIndex: 2, kind: 'rejected', body: 'wrong' });
  await sealFeedDay(store, 'koeln', DAY);
  await putAnswer(store, { feed: 'koeln', slotIndex: 0, body: 'late' });
  await putRun(store, 0, 'a', { koeln: null, bonn: 'refused' });
  await putRun(store, 1, 'b', { koeln: null, bonn: 'late' });
}

async function arrive(store: Store, { answers, runs }: Arrivals, roundIndex: number): Promise<void> {
  for (const answer of answers) await putAnswer(store, answer);
  for (const { slotIndex, id, outcomes } of runs)
    await putRun(store, slotIndex, `${id}${roundIndex}`, outcomes); // a run's record never changes
}

/** Seal the day like the activities do. */
async function sealWhole(store: Store): Promise<void> {
  for (const feed of await listUnsealedFeeds(store, DAY)) {
    const { damaged } = await sealFeedDay(store, feed, DAY);
    expect(damaged).toBeNull();
  }
  await removeSealedRuns(store, DAY);
}

/** Run sealers concurrently, and check meanwhile that a reader always sees the same as in the unsealed twin. */
async function sealAndWatch(store: Store, sealers: Sealer[], twin: Store): Promise<void> {
  let isOver = false;
  const working = Promise.all(sealers.map((each) => work(store, each))).finally(() => (isOver = true));
  const watch = async (): Promise<void> => {
    const expected = await seen(twin, FEEDS);
    while (!isOver) {
      for (const feed of FEEDS)
        for (const kind of KINDS) expect(await read(store, kind, feed)).toEqual(await read(twin, kind, feed));
      expect(await seen(store, FEEDS)).toEqual(expected);
    }
  };
  await Promise.all([working, watch()]);
}

async function work(store: Store, { killAtStep, after, seed }: Sealer): Promise<void> {
  let turn = seed;
  const pause = async (): Promise<void> => {
    turn = (turn * 1_103_515_245 + 12_345) % 2 ** 31;
    for (let ticks = turn % 4; ticks > 0; ticks--) await setImmediate();
  };
  try {
    await sealWhole(new FailingStore(store, { step: killAtStep, after }, pause));
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  }
}

/**
 * Check that each feed has one sealed object with everything. Only two kinds of slot run records may remain: records
 * without feeds, and records of the last slot.
 */
async function expectSealed(store: Store, twin: Store): Promise<void> {
  expect(await keysBelow(store, 'polls/')).toEqual([]);
  expect(await keysBelow(store, 'answers/')).toEqual([]);
  for (const feed of FEEDS) {
    const hasAny = [...(await keysBelow(twin, 'polls/')), ...(await keysBelow(twin, 'answers/'))].some(
      (key) => key.includes(`/${feed}/`),
    );
    const keys = await keysBelow(store, `sealed/${feed}/`);
    if (hasAny) expect(keys).toHaveLength(1);
    else expect(keys.length).toBeLessThanOrEqual(1);
  }
}

function temporaryStore(): { store: Store; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'ladepuls-seal-'));
  return { store: openStore(`file:${folder}`), remove: () => rmSync(folder, { recursive: true }) };
}
