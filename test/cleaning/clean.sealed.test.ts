import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cleanFeedDay } from '../../src/cleaning/clean.js';
import { simulateFleet } from '../../src/simulation/feed/fleet.js';
import { sealFeedDay } from '../stores/sealed/support/seal.js';
import type { Store } from '../../src/stores/store.js';
import { digestSet } from './support/flatFiles.js';
import { DAY, envelope, FEED, putPoll, slotAt } from './support/polls.js';
import { makeStores, temporaryStores } from './support/stores.js';

const RUNS = process.env.LADEPULS_TEST_LONG ? 500 : 25;
const SET = { day: DAY, load: 'load-1', feed: FEED };
const FLEET = simulateFleet({ seed: 7, feeds: [FEED], stationsPerFeed: 5 });

const poll = fc.record({
  slot: fc.nat(7).map(slotAt),
  laterMs: fc.nat(4),
  how: fc.constantFrom('good', 'good', 'good', 'cut', 'damaged'),
  isLate: fc.boolean(),
});

it('what is sealed, wholly or in part, is cleaned into the very files that its single answers give', async () => {
  const property = fc.asyncProperty(fc.array(poll, { maxLength: 20 }), async (polls) => {
    const stores = makeStores();
    const keep = async ({ slot, laterMs, how }: (typeof polls)[number]) => {
      const whole = FLEET.envelope(FEED, slot + laterMs);
      const body = Buffer.from(how === 'cut' ? whole.slice(0, -1) : whole);
      const key = await putPoll(stores.raw, { slot, receivedMs: slot + laterMs, body });
      if (how === 'damaged') await stores.raw.put(key, (await stores.raw.get(key)).subarray(0, -5));
    };
    const clean = async () => {
      await cleanFeedDay(stores, SET);
      return digestSet(stores.flat, SET);
    };
    for (const early of polls.filter(({ isLate }) => !isLate)) await keep(early);
    const beforeLate = await clean();
    await sealFeedDay(stores.raw, FEED, DAY);
    expect(await clean()).toEqual(beforeLate);
    for (const late of polls.filter(({ isLate }) => isLate)) await keep(late);
    const partly = await clean();
    await sealFeedDay(stores.raw, FEED, DAY);
    expect(await clean()).toEqual(partly);
    stores.remove();
  });
  await fc.assert(property, { numRuns: RUNS });
});

it('a day that is sealed while it is cleaned gives the same files', async () => {
  const stores = temporaryStores();
  for (let index = 0; index < 20; index++) {
    const slot = slotAt(index);
    await putPoll(stores.raw, { slot, body: Buffer.from(FLEET.envelope(FEED, slot)) });
  }
  await cleanFeedDay(stores, SET);
  const expected = await digestSet(stores.flat, SET);
  let gets = 0;
  const raw = Object.assign(Object.create(stores.raw) as Store, {
    async get(key: string) {
      if (++gets === 12) await sealFeedDay(stores.raw, FEED, DAY);
      return stores.raw.get(key);
    },
  });
  await cleanFeedDay({ ...stores, raw }, SET);
  expect(gets).toBeGreaterThanOrEqual(12);
  expect(await digestSet(stores.flat, SET)).toEqual(expected);
});

it('of a slot that has its answer, nothing else is read; what is sealed is read in one go', async () => {
  const stores = temporaryStores();
  for (let index = 0; index < 10; index++) {
    const slot = slotAt(index);
    for (const laterMs of [1_000, 2_000, 3_000])
      await putPoll(stores.raw, {
        slot,
        receivedMs: slot + laterMs,
        body: envelope(slot, [], String(laterMs)),
      });
  }
  const count = { get: 0, getStream: 0 };
  const raw = Object.assign(Object.create(stores.raw) as Store, {
    get: (key: string) => (count.get++, stores.raw.get(key)),
    getStream: (key: string) => (count.getStream++, stores.raw.getStream(key)),
  });
  const { ledger } = await cleanFeedDay({ ...stores, raw }, SET);
  expect(ledger).toMatchObject({ bodies: 30, parsed: 10, surplus: 20 });
  expect(count).toEqual({ get: 10, getStream: 0 });
  await sealFeedDay(stores.raw, FEED, DAY);
  count.get = 0;
  expect((await cleanFeedDay({ ...stores, raw }, SET)).ledger).toEqual(ledger);
  expect(count).toEqual({ get: 0, getStream: 2 }); // the index, then the answers
});
