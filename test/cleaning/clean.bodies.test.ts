import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { cleanFeedDay } from '../../src/cleaning/clean.js';
import { inventoryDigest } from '../../src/cleaning/inventory.js';
import { DEFAULT_LIMITS } from '../../src/sources/answerLimits.js';
import { flatKey, getManifest } from '../../src/stores/flat.js';
import { type ExcessiveShape, excessiveData } from '../../src/simulation/feed/excessiveData.js';
import { listStored } from '../../src/stores/raw.js';
import { parseRawKey } from '../../src/stores/rawObject.js';
import { ObjectNotFound } from '../../src/stores/store.js';
import { digestSet, readFacts, readFlat } from './support/flatFiles.js';
import { DAY, envelope, FEED, point, putPoll, slotAt, station } from './support/polls.js';
import { type Stores, temporaryStores } from './support/stores.js';

const SET = { day: DAY, load: 'load-1', feed: FEED };
const SLOT = slotAt(60);

let stores: Stores;
beforeEach(() => {
  stores = temporaryStores();
});

/** Return an answer with one charging point that has this status. */
const answer = (status: string, slot = SLOT) => envelope(slot, [station('1', [point('11', status)])]);
const put = (body: unknown, receivedMs: number, slot = SLOT) =>
  putPoll(stores.raw, { slot, body, receivedMs });
const statuses = async () =>
  (await readFacts(stores.flat, SET, 'charging_point_status_span')).map((row) => row.status_cp);

/** Change the bytes stored under a key, as a damaged disk would. */
const damage = async (key: string, change: (stored: Buffer) => Buffer) =>
  stores.raw.put(key, change(await stores.raw.get(key)));

describe('of the answers of a slot', () => {
  it('the one that was received first counts, whichever was stored first; the others are surplus', async () => {
    await put(answer('BLOCKED'), SLOT + 9_000);
    await put(answer('CHARGING'), SLOT + 4_000);
    await put(answer('RESERVED'), SLOT + 300_000);
    const { ledger } = await cleanFeedDay(stores, SET);
    expect(await statuses()).toEqual(['CHARGING']);
    expect(ledger).toMatchObject({ bodies: 3, parsed: 1, surplus: 2, unreadable: 0 });
  });

  it('the one of the lower sha256 counts where two were received in one millisecond', async () => {
    const keys = [await put(answer('BLOCKED'), SLOT), await put(answer('CHARGING'), SLOT)];
    await cleanFeedDay(stores, SET);
    const [first] = [...keys].sort();
    expect(await statuses()).toEqual([first === keys[0] ? 'BLOCKED' : 'CHARGING']);
  });

  it('the next one counts where the first can not be read, whatever is wrong with it', async () => {
    const wrongs: ((key: string) => Promise<void>)[] = [
      (key) => damage(key, (stored) => stored.subarray(0, stored.length - 20)),
      (key) => damage(key, (stored) => stored.fill(0xff, stored.length - 30, stored.length - 20)),
      (key) => damage(key, (stored) => Buffer.concat([stored, gzipSync('more')])),
      (key) => damage(key, () => gzipSync('no metadata')),
      (key) => damage(key, () => gzipSync('{"version":2}\n{}')),
      (key) => damage(key, () => Buffer.alloc(0)),
    ];
    for (const [at, spoil] of wrongs.entries()) {
      const slot = slotAt(at);
      await spoil(await put(answer('CHARGING', slot), slot, slot));
      await put(answer('AVAILABLE', slot), slot + 1_000, slot);
      await put(answer('BLOCKED', slot), slot + 2_000, slot);
    }
    const { ledger } = await cleanFeedDay(stores, SET);
    expect(await statuses()).toEqual(wrongs.map(() => 'AVAILABLE'));
    const count = wrongs.length;
    expect(ledger).toMatchObject({ bodies: 3 * count, parsed: count, unreadable: count, surplus: count });
  });

  it.each<[string, Buffer, string]>([
    ['nothing', Buffer.alloc(0), 'empty'],
    ['half a JSON', Buffer.from('{"data":[{"id":'), 'not_json'],
    ['a page', Buffer.from('<html>'), 'not_json'],
    ['a list', Buffer.from('[]'), 'not_an_object'],
    ['an error', Buffer.from('{"status_code":3000,"data":[]}'), 'status_code_3000'],
    ['no data', Buffer.from('{"status_code":1000}'), 'no_data'],
    ['other data', Buffer.from('{"status_code":1000,"data":{}}'), 'data_not_an_array'],
  ])(
    'one that holds %s is quarantined with its reason and place, and the next one counts',
    async (...args) => {
      const [, body, reason] = args;
      const key = await put(body, SLOT);
      await put(answer('CHARGING'), SLOT + 1);
      const { ledger } = await cleanFeedDay(stores, SET);
      expect(await statuses()).toEqual(['CHARGING']);
      expect(ledger).toMatchObject({ bodies: 2, parsed: 1, unreadable: 1, surplus: 0 });
      const slot = new Date(SLOT).toISOString();
      expect(await readFlat(stores.flat, SET, 'quarantine')).toEqual([
        {
          feed: FEED,
          entity: 'poll',
          id: key,
          path: '$',
          reason,
          first_slot: slot,
          last_slot: slot,
          occurrences: '1',
          key,
        },
      ]);
    },
  );
});

it.each<[ExcessiveShape, number, string]>([
  ['stations', 10_000, 'too_many_records'],
  ['charging_points', 10_000, 'too_many_records'],
  ['connectors', 10_000, 'too_many_records'],
  ['numbers', 10_000, 'too_many_records'],
  ['numbers', 7_000_000, 'too_complex'],
])(
  'an answer with too many %s, stored before there was a limit, is unreadable, and the next one counts',
  async (...args) => {
    const [shape, count, reason] = args;
    const limits = { ...DEFAULT_LIMITS, maxRecords: 100 };
    const body = Buffer.from(`{"data":${excessiveData(shape, count)},"status_code":1000}`);
    for (const at of [0, 1]) {
      const slot = slotAt(at);
      await put(answer('AVAILABLE', slot), slot + 1_000, slot);
      await put(body, slot, slot);
    }
    const { ledger, rows } = await cleanFeedDay(stores, SET, undefined, { limits });
    expect(await statuses()).toEqual(['AVAILABLE', 'AVAILABLE']);
    expect(ledger).toMatchObject({
      bodies: 4,
      parsed: 2,
      unreadable: 2,
      surplus: 0,
      charging_points_read: 2,
    });
    expect(rows.quarantine).toBe(2);
    const reasons = (await readFlat(stores.flat, SET, 'quarantine')).map((row) => row.reason);
    expect(reasons).toEqual([reason, reason]);
  },
);

it('an answer of a million unknown fields leaves a bounded number of findings, and says that there are more', async () => {
  const body = Buffer.from(`{"data":${excessiveData('unknown_fields', 1_000_000)},"status_code":1000}`);
  await put(body, SLOT);
  const { ledger, rows } = await cleanFeedDay(stores, SET);
  expect(ledger).toMatchObject({ bodies: 1, parsed: 1 });
  expect(rows.field_issue).toBeLessThan(1_010);
  const issues = await readFlat(stores.flat, SET, 'field_issue');
  expect(issues.filter(({ reason }) => reason === 'more_issues')).toHaveLength(1);
});

it('a day half of whose answers can not be read keeps the other half', async () => {
  for (let at = 0; at < 12; at++) {
    const slot = slotAt(at);
    const key = await put(answer('AVAILABLE', slot), slot, slot);
    if (at % 2 === 0) await damage(key, (stored) => stored.subarray(0, 100));
  }
  const { ledger, rows } = await cleanFeedDay(stores, SET);
  expect(ledger).toMatchObject({ bodies: 12, parsed: 6, unreadable: 6, charging_point_facts: 6 });
  expect(rows).toMatchObject({ poll: 6, quarantine: 6, charging_point_status_span: 1 });
  expect(await getManifest(stores.flat, SET)).toMatchObject({ rows, ledger });
});

it('a day without answers is a manifest of no rows, whatever files an earlier attempt left', async () => {
  const { rows, ledger } = await cleanFeedDay(stores, SET);
  expect(Object.values(rows).every((count) => count === 0)).toBe(true);
  expect(ledger).toMatchObject({ bodies: 0, parsed: 0, charging_points_read: 0 });
  const keys: string[] = [];
  for await (const { key } of stores.flat.list('')) keys.push(key);
  expect(keys).toEqual([expect.stringMatching(/\/manifest\.json$/)]);

  await stores.flat.put(flatKey(SET, 'poll'), Buffer.from('left'));
  expect((await cleanFeedDay(stores, SET)).rows).toEqual(rows);
});

it('what else lies in the folder of a day is passed over', async () => {
  await put(answer('CHARGING'), SLOT);
  for (const name of ['notes.txt', '20220230T0000Z/20220111T205824000Z-0123456789abcdef.json.gz'])
    await stores.raw.put(`polls/${FEED}/${DAY}/${name}`, Buffer.from('x'));
  const { ledger } = await cleanFeedDay(stores, SET);
  expect(ledger).toMatchObject({ bodies: 1, parsed: 1 });
});

it('the same raw store gives the same files, byte for byte, in whatever order it was filled', async () => {
  const polls = Array.from({ length: 20 }, (_, at) => ({
    slot: slotAt(at % 15),
    receivedMs: slotAt(at % 15) + at * 1_000,
    body: envelope(slotAt(at % 15), [
      station('1', [point('11', at % 3 ? 'AVAILABLE' : 'CHARGING'), point('12', at % 7 ? 'X' : null)]),
      station('2', [point('21')], { name: at % 5 ? 'a' : 'b', new: at }),
    ]),
  }));
  const other = temporaryStores();
  for (const poll of polls) await putPoll(stores.raw, poll);
  for (const poll of [...polls].reverse()) await putPoll(other.raw, poll);
  await cleanFeedDay(stores, SET);
  const first = await digestSet(stores.flat, SET);
  expect(Object.values(first)).not.toContain('absent');
  await cleanFeedDay(stores, SET);
  await cleanFeedDay(other, SET);
  expect(await digestSet(stores.flat, SET)).toEqual(first);
  expect(await digestSet(other.flat, SET)).toEqual(first);
});

it("the inventory's digest is the manifest's, until an answer comes or goes", async () => {
  await put(answer('CHARGING'), SLOT);
  const { inventory } = await cleanFeedDay(stores, SET);
  const digest = async () => inventoryDigest(await listStored(stores.raw, 'accepted', FEED, DAY));
  expect(await digest()).toBe(inventory);
  const later = await put(answer('BLOCKED'), SLOT + 1_000);
  expect(await digest()).not.toBe(inventory);
  await stores.raw.remove(later);
  expect(await digest()).toBe(inventory);
});

it('an answer that vanishes while its day is cleaned makes the cleaning begin anew, with what there is', async () => {
  const gone = await put(answer('CHARGING'), SLOT);
  const kept = await put(answer('BLOCKED'), SLOT + 1_000);
  let gets = 0;
  const raw = Object.assign(Object.create(stores.raw) as typeof stores.raw, {
    async get(key: string) {
      if (gets++ === 0) await stores.raw.remove(gone);
      return stores.raw.get(key);
    },
  });
  expect((await cleanFeedDay({ ...stores, raw }, SET)).ledger).toMatchObject({ bodies: 1, parsed: 1 });
  expect((await readFlat(stores.flat, SET, 'poll')).map((poll) => poll.digest)).toEqual([
    parseRawKey(kept)?.digest,
  ]);
});

it('answers that never stop to vanish make the cleaning fail, to be tried again', async () => {
  await put(answer('CHARGING'), SLOT);
  const raw = Object.assign(Object.create(stores.raw) as typeof stores.raw, {
    get: (key: string) => Promise.reject(new ObjectNotFound(`there is no ${key}`)),
  });
  const cleaning = cleanFeedDay({ ...stores, raw }, SET);
  await expect(cleaning).rejects.toThrow(/there is no polls\/koeln.*although it was listed/);
});
