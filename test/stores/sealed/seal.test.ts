import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../../src/stores/open.js';
import { getRaw, listRaw, UnreadableObject } from '../../../src/stores/raw.js';
import { sealFeedDay } from './support/seal.js';
import { listUnsealedFeeds, removeSealedRuns } from '../../../src/stores/sealed/sealRuns.js';
import { lastSlotRun } from '../../../src/stores/slotRuns.js';
import { ObjectNotFound, type Store } from '../../../src/stores/store.js';
import { describeSealing } from './seal.suite.js';
import { DAY, expectFeeds, keysBelow, putAnswer, putRun, read, seen } from './support/day.js';

describe('sealing on files', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ladepuls-seal-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  describeSealing(
    (name) => Promise.resolve(openStore(`file:${folder}/${name}`)),
    () => folder,
  );
});

const FEED = 'koeln';
let store: Store;
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'ladepuls-seal-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  store = openStore(`file:${folder}`);
});

const put = (slotIndex: number, body = `body ${slotIndex}`, attempts = 1) =>
  putAnswer(store, { feed: FEED, slotIndex, body, attempts });

describe('a single answer that can’t be read', () => {
  it.each<[string, (stored: Buffer) => Buffer]>([
    ['is empty', () => Buffer.alloc(0)],
    ['is cut', (stored) => stored.subarray(0, -9)],
    ['holds another body of that length', (stored) => Buffer.from(gunzipSync(stored).toString())],
  ])('%s: it stays, and keeps the others from nothing', async (_, damage) => {
    const good = await put(0);
    const bad = await put(1);
    await store.put(bad, damage(await store.get(bad)));
    const before = await read(store, 'accepted', FEED);
    for (let round = 0; round < 2; round++) {
      expect(await sealFeedDay(store, FEED, DAY)).toMatchObject({ answers: 1, unreadable: 1 });
      expect(await keysBelow(store, 'polls/')).toEqual([bad]);
      expect(await read(store, 'accepted', FEED)).toEqual(before);
      expect(before).toMatchObject({ keys: [good, bad], contents: [expect.anything(), 'unreadable'] });
    }
  });

  it('goes where a sealed object has a good copy of it, which is what readers get', async () => {
    const key = await put(0);
    const { body } = await getRaw(store, key);
    await sealFeedDay(store, FEED, DAY);
    await store.put(key, Buffer.from('damaged'));
    expect((await getRaw(store, key)).body.equals(body)).toBe(true);
    expect((await read(store, 'accepted', FEED)).contents).not.toContain('unreadable');
    expect(await sealFeedDay(store, FEED, DAY)).toMatchObject({ answers: 1, unreadable: 0, removed: 1 });
    expect(await keysBelow(store, 'polls/')).toEqual([]);
  });

  it('alone makes no sealed object', async () => {
    const key = await put(0);
    await store.put(key, Buffer.from('damaged'));
    expect(await sealFeedDay(store, FEED, DAY)).toMatchObject({ key: null, unreadable: 1 });
    expect(await keysBelow(store, 'sealed/')).toEqual([]);
  });
});

describe('a sealed object that is damaged', () => {
  /**
   * Change a byte of the decompressed archive and compress it again. Only the digests of the content reveal the change.
   */
  const changed = (stored: Buffer, find: string): Buffer => {
    const tar = brotliDecompressSync(stored);
    const at = tar.lastIndexOf(find);
    tar[at] = (tar[at] ?? 0) ^ 1;
    return brotliCompressSync(tar);
  };

  it.each<[string, (stored: Buffer) => Buffer]>([
    ['cut', (stored) => stored.subarray(0, -9)],
    ['of a changed body', (stored) => changed(stored, 'body 1')],
    ['of a changed header', (stored) => changed(stored, 'ustar')],
    ['of a changed name', (stored) => changed(stored, 'polls/')],
    ['empty', () => Buffer.alloc(0)],
  ])('%s: nothing is removed, and it is said what is wrong', async (_, damage) => {
    await put(0);
    await put(1);
    const { key } = await sealFeedDay(store, FEED, DAY);
    await store.put(key ?? '', damage(await store.get(key ?? '')));
    await put(2);
    const before = await keysBelow(store, '');
    const sealing = await sealFeedDay(store, FEED, DAY);
    expect(sealing.damaged).toMatch(/^(sealed|polls)\/koeln\/2022-01-11\//);
    expect(await keysBelow(store, '')).toEqual(before);
  });

  it('gives what can be read of it, and says so of the rest', async () => {
    for (const index of [0, 1, 2]) await put(index);
    const { key } = await sealFeedDay(store, FEED, DAY);
    await store.put(key ?? '', changed(await store.get(key ?? ''), 'body 1'));
    const { contents } = await read(store, 'accepted', FEED);
    expect(contents.map((content) => content === 'unreadable')).toEqual([false, true, false]);
    const keys: string[] = [];
    for await (const object of listRaw(store, 'accepted', FEED, DAY)) keys.push(object.key);
    await expect(getRaw(store, keys[1] ?? '')).rejects.toThrow(UnreadableObject);
    await expect(getRaw(store, keys[2] ?? '')).resolves.toMatchObject({ meta: { feed: FEED } });
  });

  it('that was just written is noticed before anything is removed', async () => {
    await put(0);
    const forgetful = Object.assign(Object.create(store) as Store, {
      async putNewStream(key: string, body: NodeJS.ReadableStream) {
        await store.putNewStream(key, body);
        await store.put(key, changed(await store.get(key), 'body 0'));
        return true;
      },
    });
    const before = await keysBelow(store, 'polls/');
    expect((await sealFeedDay(forgetful, FEED, DAY)).damaged).toContain('koeln');
    expect(await keysBelow(store, 'polls/')).toEqual(before);
  });
});

it('of two collectors’ words on one answer every sealer takes the same', async () => {
  const key = await put(0, 'one body', 2);
  await sealFeedDay(store, FEED, DAY);
  await put(0, 'one body', 1);
  expect(await keysBelow(store, 'polls/')).toEqual([key]);
  expect(await sealFeedDay(store, FEED, DAY)).toMatchObject({ answers: 1, removed: 2 });
  expect((await getRaw(store, key)).meta.attempts).toBe(1);
  await put(0, 'one body', 2);
  expect(await sealFeedDay(store, FEED, DAY)).toMatchObject({ answers: 1, removed: 1 });
  expect((await getRaw(store, key)).meta.attempts).toBe(1);
});

it('is seen whole by a reader whose listing misses both a generation and the one that replaces it', async () => {
  await put(0);
  await sealFeedDay(store, FEED, DAY);
  let isFirst = true;
  const unlucky = Object.assign(Object.create(store) as Store, {
    async *list(prefix: string) {
      const isMissed = isFirst && prefix.startsWith('sealed/');
      if (isMissed) isFirst = false;
      const listed = isMissed ? [] : store.list(prefix);
      if (isMissed) await sealLate();
      yield* listed;
    },
  });
  const sealLate = async () => {
    await put(1);
    await sealFeedDay(store, FEED, DAY);
  };
  const { keys } = await read(unlucky, 'accepted', FEED);
  expect(isFirst).toBe(false);
  expect(keys).toHaveLength(2);
});

it('an answer that is nowhere is not found', async () => {
  const key = await put(0);
  await put(1);
  await store.remove(key);
  await sealFeedDay(store, FEED, DAY);
  await expect(getRaw(store, key)).rejects.toThrow(ObjectNotFound);
});

describe('the record of a slot run', () => {
  it('stays until every feed that it names is sealed with its outcome of that run', async () => {
    await expectFeeds(store, ['koeln', 'kiel']);
    await putRun(store, 0, 'run', { koeln: 'refused', kiel: 'timeout' });
    await putRun(store, 0, 'again', { koeln: 'late', kiel: 'late' });
    await putRun(store, 1, 'last', { koeln: 'paused' });
    const before = await seen(store, ['koeln', 'kiel']);
    await sealFeedDay(store, 'koeln', DAY);
    expect(await removeSealedRuns(store, DAY)).toBe(0);
    expect(await seen(store, ['koeln', 'kiel'])).toEqual(before);
    await sealFeedDay(store, 'kiel', DAY);
    expect(await removeSealedRuns(store, DAY)).toBe(2);
    expect(await seen(store, ['koeln', 'kiel'])).toEqual(before);
    await putRun(store, 0, 'a late one', { koeln: 'not_json' });
    expect(await listUnsealedFeeds(store, DAY)).toEqual(['koeln']);
    expect(await removeSealedRuns(store, DAY)).toBe(0);
  });

  it('stays where it names nobody, and where it can’t be read', async () => {
    await putRun(store, 0, 'nobody', {});
    await store.put(`runs/${DAY}/20220110T2310Z/damaged.json`, Buffer.from('{"version":'));
    await putRun(store, 5, 'last', { koeln: 'late' });
    await sealFeedDay(store, 'koeln', DAY);
    expect(await removeSealedRuns(store, DAY)).toBe(0);
    expect(await lastSlotRun(store)).toMatchObject({ run_id: 'last' });
  });
});
