import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../src/stores/open.js';
import {
  firstRaw,
  getRaw,
  listRaw,
  listRawDays,
  listRawFeeds,
  listRawSlot,
  putRaw,
  type RawOrigin,
  UnreadableObject,
} from '../../src/stores/raw.js';
import { ObjectNotFound, type Store } from '../../src/stores/store.js';

const SLOT = Date.UTC(2022, 0, 11, 20, 50);
const RECEIVED = Date.UTC(2022, 0, 11, 20, 58, 24, 7);
const DAY = '2022-01-11';

const origin = (fields: Partial<RawOrigin> = {}): RawOrigin => ({
  feed: 'koeln',
  source: 'chargecloud',
  url: 'http://127.0.0.1/koeln',
  origin: 'poll',
  started_at: '2022-01-11T20:58:23.000Z',
  http_status: 200,
  attempts: 2,
  reason: null,
  file: null,
  slot: SLOT,
  day: DAY,
  receivedMs: RECEIVED,
  ...fields,
});

let folder: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ladepuls-raw-'));
  store = openStore(`file:${folder}`);
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('a body', () => {
  it('comes back byte for byte, with what is known of it', async () => {
    const body = fc.oneof(fc.uint8Array(), fc.uint8Array({ maxLength: 5 }), fc.constant(Buffer.from('\n\n')));
    const property = fc.asyncProperty(body, fc.integer({ min: 0, max: 599_999 }), async (bytes, later) => {
      const kept = origin({ receivedMs: SLOT + later });
      const key = await putRaw(store, 'accepted', kept, Buffer.from(bytes));
      const read = await getRaw(store, key);
      expect(read.body.equals(bytes)).toBe(true);
      const told = { ...kept, day: undefined, receivedMs: undefined }; // both are part of the key
      expect(read.meta).toEqual({
        version: 1,
        ...told,
        slot: '20220111T2050Z',
        received_at: new Date(SLOT + later).toISOString(),
        length: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      });
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it('stands where its feed, day, slot, receipt and content say', async () => {
    const body = Buffer.from('{"data":[]}');
    const sha256 = createHash('sha256').update(body).digest('hex');
    expect(await putRaw(store, 'rejected', origin(), body)).toBe(
      `answers/koeln/2022-01-11/20220111T2050Z/20220111T205824007Z-${sha256.slice(0, 16)}.json.gz`,
    );
  });

  it('can be read by zcat: a line of metadata, then the body', async () => {
    const key = await putRaw(store, 'accepted', origin(), Buffer.from('{"data":\n[]}'));
    const lines = execFileSync('zcat', [join(folder, key)])
      .toString()
      .split('\n');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ feed: 'koeln', length: 12 });
    expect(lines.slice(1).join('\n')).toBe('{"data":\n[]}');
  });

  it('stays as it was first kept, however often and by whomever it is kept again', async () => {
    const body = Buffer.from('x');
    const keys = await Promise.all(
      [1, 2, 3, 4].map((attempts) => putRaw(store, 'accepted', origin({ attempts }), body)),
    );
    expect(new Set(keys).size).toBe(1);
    const kept = await store.get(keys[0] ?? '');
    await putRaw(store, 'accepted', origin({ attempts: 9 }), body);
    expect((await store.get(keys[0] ?? '')).equals(kept)).toBe(true);
    expect(await listRawSlot(store, 'accepted', 'koeln', DAY, SLOT)).toHaveLength(1);
  });
});

it.each([
  '',
  '.',
  '..',
  '../koeln',
  'a/b',
  'a\\b',
  '.koeln',
  'kö',
  'a b',
  'a\n',
  'a\0',
  'x'.repeat(65),
  '~a',
])('a feed named %j is refused, and nothing is written', async (feed) => {
  const put = putRaw(store, 'accepted', origin({ feed }), Buffer.from('x'));
  await expect(put).rejects.toThrow(RangeError);
  await expect(put).rejects.toThrow("can't be a feed's name: it must match");
  expect(await collect(store.list(''))).toEqual([]);
});

describe('an object that does not hold what it should', () => {
  it.each<[string, (stored: Buffer) => Buffer, RegExp]>([
    ['is empty', () => Buffer.alloc(0), /can't be decompressed/],
    ['is no gzip', () => Buffer.from('{"data":[]}'), /can't be decompressed/],
    ['is cut in the body', (b) => b.subarray(0, b.length - 9), /can't be decompressed/],
    ['is cut in the metadata', (b) => b.subarray(0, 30), /can't be decompressed/],
    [
      'lost its body',
      (b) => b.subarray(0, memberLength(b)),
      /has a body of 0 bytes, but its metadata says 4000/,
    ],
    [
      'has another body',
      (b) => withBody(b, gzipSync('other')),
      /has a body of 5 bytes, but its metadata says 4000/,
    ],
    [
      'has more',
      (b) => Buffer.concat([b, gzipSync('!')]),
      /has a body of 4001 bytes, but its metadata says 4000/,
    ],
    ['has no line', () => gzipSync('{}'), /no line of metadata/],
    [
      'has other metadata',
      () => gzipSync('{"version":1}\n'),
      /does not begin with valid metadata of version 1/,
    ],
  ])('%s: it is named, with what is wrong', async (_, change, problem) => {
    const key = await putRaw(store, 'accepted', origin(), Buffer.alloc(4_000, 'body'));
    await store.put(key, change(await store.get(key)));
    await expect(getRaw(store, key)).rejects.toThrow(UnreadableObject);
    await expect(getRaw(store, key)).rejects.toThrow(problem);
    await expect(getRaw(store, key)).rejects.toThrow(key);
  });

  it('is noticed whichever of its bytes changed, unless it is one of gzip that says nothing', async () => {
    const body = Buffer.from(JSON.stringify({ data: Array.from({ length: 50 }, (_, n) => ({ n })) }));
    const key = await putRaw(store, 'accepted', origin(), body);
    const stored = await store.get(key);
    const property = fc.asyncProperty(
      fc.nat(stored.length - 1),
      fc.integer({ min: 1, max: 255 }),
      async (at, by) => {
        const changed = Buffer.from(stored);
        changed[at] = (changed[at] ?? 0) ^ by;
        await store.put(key, changed);
        const read = await getRaw(store, key).catch((error: unknown) => error);
        if (read instanceof UnreadableObject) return;
        expect((read as { body: Buffer }).body.equals(body)).toBe(true);
      },
    );
    await fc.assert(property, { numRuns: 200 });
  });

  it('is told from one that is not there', async () => {
    await expect(getRaw(store, 'polls/koeln/none')).rejects.toThrow(ObjectNotFound);
  });
});

describe('a listing', () => {
  beforeEach(async () => {
    for (const feed of ['koeln', 'bonn'])
      for (const minutes of [20, 0, 10])
        for (const ms of [5_000, 1_000]) {
          const slot = SLOT + minutes * 60_000;
          const kept = origin({ feed, slot, receivedMs: slot + ms });
          await putRaw(store, 'accepted', kept, Buffer.from(`${feed} ${slot} ${ms}`));
        }
    await putRaw(store, 'accepted', origin({ feed: 'bonn', day: '2022-01-12' }), Buffer.from('next'));
    await putRaw(store, 'rejected', origin({ feed: 'roth', reason: 'http_500' }), Buffer.from('no'));
  });

  it('is in the order of slot and receipt, of one feed, kind and day', async () => {
    const objects = await collect(listRaw(store, 'accepted', 'bonn', DAY));
    const times = [0, 10, 20].flatMap((minutes) =>
      [1_000, 5_000].map((ms) => ({ slot: SLOT + minutes * 60_000, received: SLOT + minutes * 60_000 + ms })),
    );
    expect(objects.map(({ slot, receivedMs }) => ({ slot, received: receivedMs }))).toEqual(times);
    expect(objects.map(({ key }) => key)).toEqual([...objects.map(({ key }) => key)].sort());
    expect(objects[0]).toMatchObject({ feed: 'bonn', size: (await store.get(objects[0]?.key ?? '')).length });
  });

  it('of a slot is that slot alone', async () => {
    const objects = await listRawSlot(store, 'accepted', 'koeln', DAY, SLOT + 600_000);
    expect(objects.map(({ receivedMs }) => receivedMs - SLOT)).toEqual([601_000, 605_000]);
    expect(await listRawSlot(store, 'rejected', 'koeln', DAY, SLOT)).toEqual([]);
  });

  it('passes over what is not ours', async () => {
    for (const name of [
      'README',
      '20220111T2050Z/x.json.gz',
      '20220111T9950Z/20220111T205824007Z-0123456789abcdef.json.gz',
    ])
      await store.put(`polls/koeln/${DAY}/${name}`, gzipSync('x'));
    expect(await collect(listRaw(store, 'accepted', 'koeln', DAY))).toHaveLength(6);
  });

  it('tells feeds, days and the first object', async () => {
    expect(await listRawFeeds(store, 'accepted')).toEqual(['bonn', 'koeln']);
    expect(await listRawFeeds(store, 'rejected')).toEqual(['roth']);
    expect(await listRawDays(store, 'accepted', 'bonn')).toEqual([DAY, '2022-01-12']);
    expect(await firstRaw(store, 'accepted', 'koeln', DAY)).toMatchObject({
      slot: SLOT,
      receivedMs: SLOT + 1_000,
    });
    expect(await firstRaw(store, 'accepted', 'koeln', '2022-01-12')).toBeNull();
  });
});

/** Return the length of the first of two gzip members. */
function memberLength(stored: Buffer): number {
  const magic = Buffer.from([0x1f, 0x8b, 0x08]);
  return stored.indexOf(magic, 1);
}

/** Combine the metadata of one object with the body of another. */
function withBody(stored: Buffer, body: Buffer): Buffer {
  expect(gunzipSync(stored.subarray(0, memberLength(stored))).toString()).toMatch(/\}\n$/);
  return Buffer.concat([stored.subarray(0, memberLength(stored)), body]);
}
