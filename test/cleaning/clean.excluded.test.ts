import { expect, it } from 'vitest';
import { cleanFeedDay, leaveOutFeedDay } from '../../src/cleaning/clean.js';
import { inventoryDigest } from '../../src/cleaning/inventory.js';
import { type ExcludedSlots, excludedOfDay, NOTHING_EXCLUDED } from '../../src/domain/corrections.js';
import { dayBounds } from '../../src/domain/day.js';
import { getManifest } from '../../src/stores/flat.js';
import { listAccepted } from '../../src/stores/raw.js';
import type { Store } from '../../src/stores/store.js';
import { sealFeedDay } from '../stores/sealed/support/seal.js';
import { digestSet, readFacts } from './support/flatFiles.js';
import { DAY, envelope, FEED, point, putPoll, slotAt, station, ZONE } from './support/polls.js';
import { temporaryStores } from './support/stores.js';

const SET = { day: DAY, load: 'load-1', feed: FEED };
const BOUNDS = dayBounds(DAY, ZONE);
const WHOLE_DAY = excludedOfDay([{ from: BOUNDS.start, to: BOUNDS.end }], BOUNDS);
/** Slots 2, 3 and 4. */
const PART = excludedOfDay([{ from: slotAt(2), to: slotAt(5) }], BOUNDS);

/** Store answers of the slots 0 to 5. Slot 3 has a second one, and the first of slot 1 can't be read. */
async function putSix(raw: Store): Promise<void> {
  for (let index = 0; index < 6; index++) {
    const slot = slotAt(index);
    const body = envelope(slot, [station('1', [point('11', index % 2 ? 'CHARGING' : 'AVAILABLE')])]);
    await putPoll(raw, { slot, body });
    if (index === 3) await putPoll(raw, { slot, body, receivedMs: slot + 9_000 });
    if (index === 1) await putPoll(raw, { slot, body: Buffer.from('<html>'), receivedMs: slot + 1_000 });
  }
}

const slotsOf = async (flat: Store) =>
  (await readFacts(flat, SET, 'charging_point_status_span')).map(({ slot }) => slot).sort();

it('counts excluded answers apart, and makes no fact of them, whether they are sealed or not', async () => {
  const stores = temporaryStores();
  await putSix(stores.raw);
  const { ledger, inventory } = await cleanFeedDay(stores, SET, undefined, { excluded: PART });
  expect(ledger).toMatchObject({ bodies: 8, parsed: 3, unreadable: 1, surplus: 0, excluded: 4 });
  expect(await slotsOf(stores.flat)).toHaveLength(3);
  const files = await digestSet(stores.flat, SET);
  const answers = await listAccepted(stores.raw, FEED, DAY, PART);
  expect(inventory).toBe(inventoryDigest(answers, PART));
  expect(inventory).not.toBe(inventoryDigest(answers));
  await sealFeedDay(stores.raw, FEED, DAY);
  await cleanFeedDay(stores, SET, undefined, { excluded: PART });
  expect(await digestSet(stores.flat, SET)).toEqual(files);
});

it('reads nothing of a day that is excluded as a whole', async () => {
  const stores = temporaryStores();
  await putSix(stores.raw);
  const raw = Object.assign(Object.create(stores.raw) as Store, {
    get: () => Promise.reject(new Error('an answer is read')),
  });
  const { ledger, rows } = await cleanFeedDay({ ...stores, raw }, SET, undefined, { excluded: WHOLE_DAY });
  expect(ledger).toMatchObject({ bodies: 8, parsed: 0, unreadable: 0, surplus: 0, excluded: 8 });
  expect(Object.values(rows).every((count) => count === 0)).toBe(true);
});

it.each([
  ['in the middle', 8],
  ['in the index', 0],
])(
  'cleans a day that is excluded as a whole although its sealed object is damaged %s',
  async (where, excluded) => {
    const stores = temporaryStores();
    await putSix(stores.raw);
    await sealFeedDay(stores.raw, FEED, DAY);
    for await (const { key } of stores.raw.list('sealed/')) {
      const whole = await stores.raw.get(key);
      await stores.raw.put(key, where === 'in the index' ? Buffer.from('damaged') : whole.subarray(0, -20));
    }
    const clean = (of: ExcludedSlots) => cleanFeedDay(stores, SET, undefined, { excluded: of });
    await expect(clean(NOTHING_EXCLUDED)).rejects.toThrow('is damaged');
    await expect(clean(excludedOfDay([{ from: slotAt(0), to: slotAt(1) }], BOUNDS))).rejects.toThrow(
      'is damaged',
    );
    expect((await clean(WHOLE_DAY)).ledger).toMatchObject({ bodies: excluded, parsed: 0, excluded });
  },
);

it('counts excluded answers apart where the feed can’t be cleaned', async () => {
  const stores = temporaryStores();
  await putSix(stores.raw);
  await leaveOutFeedDay(stores, SET, { reason: 'cleaning_failed', excluded: PART });
  const { ledger, inventory } = await getManifest(stores.flat, SET);
  expect(ledger).toMatchObject({ bodies: 8, parsed: 0, unreadable: 4, surplus: 0, excluded: 4 });
  expect(inventory).toBe(inventoryDigest(await listAccepted(stores.raw, FEED, DAY, PART), PART));
});
