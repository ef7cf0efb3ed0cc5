import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareBytes } from '../../src/stores/key.js';
import { ObjectNotFound, type Store } from '../../src/stores/store.js';

/** Enough for a busy machine. */
const SLOW_TEST_TIMEOUT_MS = 120_000;
const LARGE_BYTES = 30 * 1024 * 1024;
const PART_BYTES = 8 * 1024 * 1024;

/** In the byte order of UTF-8. JavaScript sorts the last two in the opposite order. */
const ORDERED_KEYS = [
  'a-b',
  'a.txt',
  'a/b c',
  'a/b',
  'a/b-c/d',
  'a/c/d/e',
  'a/c~d',
  'a0',
  'aa/b',
  'quotes\'&<>"+%20?#*',
  'z',
  '~tilde',
  'Äpfel/Übergröße',
  'äpfel',
  'öl/ß',
  '\u{FFFD}',
  '\u{1F50C}',
].sort(compareBytes);

const HOSTILE_KEYS = [
  '',
  '/',
  '/etc/passwd',
  'a/',
  'a//b',
  '.',
  '..',
  '../a',
  'a/../b',
  'a/./b',
  'a/..',
  'a\\b',
  '..\\a',
  'a\0b',
  'a\nb',
  'a\u{7F}',
  '\u{D800}',
  '.tmp',
  '.tmp/a',
  'x'.repeat(256),
  'ä'.repeat(128),
  Array.from({ length: 1025 }, () => 'x').join('/'),
];

/** Test a store, whatever its kind. */
export function describeStore(open: () => Promise<Store>): void {
  let store: Store;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(() => store.close());

  describe('reading and writing', { timeout: SLOW_TEST_TIMEOUT_MS }, () => {
    it('gives back what was put, and replaces it', async () => {
      await store.put('rw/replaced', Buffer.from('a longer first body'));
      await store.put('rw/replaced', Buffer.from('second'));
      expect((await store.get('rw/replaced')).toString()).toBe('second');
    });

    it.each([
      ['empty', Buffer.alloc(0)],
      ['every byte', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
      ['not UTF-8', Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28])],
      ['30 MB', randomBytes(LARGE_BYTES)],
    ])('keeps a body exactly: %s', async (name, body) => {
      const [put, created, streamed] = [`exact/put/${name}`, `exact/new/${name}`, `exact/stream/${name}`];
      await store.put(put, body);
      expect(await store.putNew(created, body)).toBe(true);
      await store.putStream(streamed, inChunks(body, 100_000));
      for (const key of [put, created, streamed]) {
        expect(body.equals(await store.get(key)), key).toBe(true);
        expect(body.equals(await buffer(await store.getStream(key))), key).toBe(true);
      }
      const listed = await allBelow(store, 'exact/');
      expect(listed.filter(({ key }) => key.endsWith(`/${name}`)).map(({ size }) => size)).toEqual(
        [created, put, streamed].map(() => body.length),
      );
    });

    it.each([PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES])(
      'keeps a stream of %i bytes exactly, at the edges of parts',
      async (length) => {
        const body = randomBytes(length);
        await store.putStream('exact/edge', inChunks(body, 1_234_567));
        expect(body.equals(await store.get('exact/edge'))).toBe(true);
      },
    );

    it('says when an object was written', async () => {
      const before = Date.now();
      await store.put('rw/modified', Buffer.from('x'));
      const [object] = await allBelow(store, 'rw/modified');
      // S3 has a resolution of seconds, and a file system's clock may be slightly behind.
      expect(object?.modifiedMs).toBeGreaterThanOrEqual(before - 1_000);
      expect(object?.modifiedMs).toBeLessThanOrEqual(Date.now() + 1_000);
    });

    it('throws ObjectNotFound for what is not there, also for a folder', async () => {
      await store.put('missing/folder/object', Buffer.from('x'));
      for (const key of [
        'missing/never',
        'missing/folder',
        'missing/never/below',
        'missing/folder/object/below',
      ]) {
        await expect(store.get(key), key).rejects.toThrow(ObjectNotFound);
        await expect(store.getStream(key), key).rejects.toThrow(ObjectNotFound);
      }
    });

    it('removes an object, and does nothing where there is none', async () => {
      await store.put('gone/a/b', Buffer.from('x'));
      await store.put('gone/c', Buffer.from('x'));
      await store.remove('gone/a/b');
      await store.remove('gone/a/b');
      await store.remove('gone/never/was');
      await expect(store.get('gone/a/b')).rejects.toThrow(ObjectNotFound);
      expect(await keys(store, 'gone/')).toEqual(['gone/c']);
      expect(await store.listFolders('gone/')).toEqual([]);
    });

    it('replaces an object for each reader whole, also while it is read', async () => {
      const bodies = ['a', 'b'].map((letter) => Buffer.from(letter.repeat(2_000_000)));
      await store.put('rw/torn', bodies[0] ?? Buffer.alloc(0));
      const writes = Array.from({ length: 6 }, (_, i) =>
        store.put('rw/torn', bodies[i % 2] ?? Buffer.alloc(0)),
      );
      const reads = await Promise.all(Array.from({ length: 12 }, () => store.get('rw/torn')));
      await Promise.all(writes);
      for (const read of reads) expect(bodies.some((body) => body.equals(read))).toBe(true);
    });
  });

  describe('putNew', { timeout: SLOW_TEST_TIMEOUT_MS }, () => {
    it('leaves an object that exists as it is', async () => {
      expect(await store.putNew('new/once', Buffer.from('first'))).toBe(true);
      expect(await store.putNew('new/once', Buffer.from('second'))).toBe(false);
      expect((await store.get('new/once')).toString()).toBe('first');
    });

    it('lets exactly one of 20 writers win, and keeps the body of that one', async () => {
      for (let round = 0; round < 5; round++) {
        const key = `race/${round}/in/a/new/folder`;
        const bodies = Array.from({ length: 20 }, (_, i) => Buffer.from(`writer ${i} `.repeat(5_000)));
        const won = await Promise.all(bodies.map((body) => store.putNew(key, body)));
        expect(won.filter(Boolean)).toHaveLength(1);
        expect(bodies[won.indexOf(true)]?.equals(await store.get(key))).toBe(true);
      }
    });

    it('can write a key again after it was removed', async () => {
      await store.putNew('new/again', Buffer.from('first'));
      await store.remove('new/again');
      expect(await store.putNew('new/again', Buffer.from('second'))).toBe(true);
      expect((await store.get('new/again')).toString()).toBe('second');
    });

    it('writes into a folder while its last object is removed', async () => {
      await Promise.all(
        Array.from({ length: 40 }, async (_, i) => {
          const key = `churn/a/b/${i}`;
          expect(await store.putNew(key, Buffer.from('x'))).toBe(true);
          await store.remove(key);
        }),
      );
      expect(await keys(store, 'churn/')).toEqual([]);
    });
  });

  describe('putNewStream', { timeout: SLOW_TEST_TIMEOUT_MS }, () => {
    it.each([0, 1_000, PART_BYTES, 2 * PART_BYTES + 1])('writes %i bytes once', async (length) => {
      const [first, second] = [randomBytes(length), randomBytes(length)];
      const key = `new-stream/${length}`;
      expect(await store.putNewStream(key, inChunks(first, 1_234_567))).toBe(true);
      expect(await store.putNewStream(key, inChunks(second, 1_234_567))).toBe(false);
      expect(first.equals(await store.get(key))).toBe(true);
    });

    it.each([1_000, PART_BYTES + 1])('lets exactly one of 6 writers of %i bytes win', async (length) => {
      const key = `new-stream/race/${length}`;
      const bodies = Array.from({ length: 6 }, () => randomBytes(length));
      const won = await Promise.all(bodies.map((body) => store.putNewStream(key, inChunks(body, 1_000_000))));
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(bodies[won.indexOf(true)]?.equals(await store.get(key))).toBe(true);
    });

    it.each([0, 1_000, 2 * PART_BYTES + 1_000])(
      'leaves nothing where its source breaks at %i',
      async (at) => {
        const key = 'new-stream-broken/object';
        await expect(store.putNewStream(key, breakingAfter(at))).rejects.toThrow('the source broke');
        await expect(store.get(key)).rejects.toThrow(ObjectNotFound);
        expect(await keys(store, 'new-stream-broken/')).toEqual([]);
      },
    );
  });

  describe('a stream that fails', { timeout: SLOW_TEST_TIMEOUT_MS }, () => {
    it.each([
      ['before its first byte', 0],
      ['in its first part', 1_000],
      ['in its third part', 2 * PART_BYTES + 1_000],
    ])('leaves nothing: %s', async (name, length) => {
      const key = `broken/${name}`;
      await expect(store.putStream(key, breakingAfter(length))).rejects.toThrow('the source broke');
      await expect(store.get(key)).rejects.toThrow(ObjectNotFound);
      expect(await keys(store, 'broken/')).toEqual([]);
    });

    it('leaves the object that it was to replace', async () => {
      await store.put('kept', Buffer.from('whole'));
      await expect(store.putStream('kept', breakingAfter(9_000_000))).rejects.toThrow('the source broke');
      expect((await store.get('kept')).toString()).toBe('whole');
    });

    it('fails too when it was closed before its end', async () => {
      const pieces = [Buffer.from('half of it')];
      const source: Readable = new Readable({
        read: () => {
          if (pieces.length > 0) source.push(pieces.pop());
          else source.destroy();
        },
      });
      await expect(store.putStream('broken/closed', source)).rejects.toThrow();
      expect(await keys(store, 'broken/')).toEqual([]);
    });
  });

  describe('listing', { timeout: SLOW_TEST_TIMEOUT_MS }, () => {
    it('gives keys in the byte order of UTF-8, whatever folders they stand in', async () => {
      await Promise.all(ORDERED_KEYS.map((key) => store.put(`order/${key}`, Buffer.from(key))));
      expect(await keys(store, 'order/')).toEqual(ORDERED_KEYS.map((key) => `order/${key}`));
      expect(await keys(store, 'order/')).not.toEqual((await keys(store, 'order/')).sort());
      for (const key of ORDERED_KEYS) expect((await store.get(`order/${key}`)).toString()).toBe(key);
    });

    it.each([
      'order/a',
      'order/a/',
      'order/a/b',
      'order/a/b ',
      'order/a/c/d',
      'order/Ä',
      'order',
      'order/~',
      'order//',
    ])('takes any text as a prefix: "%s"', async (prefix) => {
      const all = ORDERED_KEYS.map((key) => `order/${key}`);
      expect(await keys(store, prefix)).toEqual(all.filter((key) => key.startsWith(prefix)));
    });

    it.each([
      'none/',
      'none/below/',
      '../',
      '/',
      '.tmp/',
      'order/../order/',
      'order/a/b/',
      'a\0',
      '\\',
      './',
    ])('finds nothing where nothing is: "%s"', async (prefix) => {
      expect(await keys(store, prefix)).toEqual([]);
      if (prefix.endsWith('/')) expect(await store.listFolders(prefix)).toEqual([]);
    });

    it('gives 1,100 objects over several pages, and can be left early', async () => {
      const all = Array.from(
        { length: 1_100 },
        (_, i) => `pages/${String(i % 7)}/${String(i).padStart(5, '0')}`,
      );
      for (let i = 0; i < all.length; i += 50) {
        await Promise.all(all.slice(i, i + 50).map((key) => store.put(key, Buffer.from(key))));
      }
      const found = await allBelow(store, 'pages/');
      expect(found.map(({ key }) => key)).toEqual(all.sort(compareBytes));
      expect(found.every(({ key, size }) => size === key.length)).toBe(true);
      const first: string[] = [];
      for await (const { key } of store.list('pages/')) {
        first.push(key);
        if (first.length === 3) break;
      }
      expect(first).toEqual(all.slice(0, 3));
    });

    it('passes over an object that vanishes meanwhile', async () => {
      const all = Array.from({ length: 60 }, (_, i) => `vanish/${String(i).padStart(2, '0')}/object`);
      await Promise.all(all.map((key) => store.put(key, Buffer.from('x'))));
      const found: string[] = [];
      for await (const { key } of store.list('vanish/')) {
        found.push(key);
        if (found.length === 1) await Promise.all(all.slice(1, -1).map((other) => store.remove(other)));
      }
      expect(found[0]).toBe(all[0]);
      expect(found.at(-1)).toBe(all.at(-1));
      expect(found.every((key) => all.includes(key))).toBe(true);
    });
  });

  describe('listFolders', () => {
    it('gives the distinct next segments below a folder, sorted, without objects', async () => {
      const objects = ['b/1', 'b/2/3', 'b-c/1', 'a/b/c/d', 'ä/1', 'Z/1', 'object'];
      await Promise.all(objects.map((key) => store.put(`folders/${key}`, Buffer.from('x'))));
      expect(await store.listFolders('folders/')).toEqual(['Z', 'a', 'b', 'b-c', 'ä']);
      expect(await store.listFolders('folders/a/')).toEqual(['b']);
      expect(await store.listFolders('folders/a/b/c/')).toEqual([]);
      expect(await store.listFolders('')).toContain('folders');
      expect(await store.listFolders('')).not.toContain('.tmp');
    });

    it('refuses a prefix that is no folder', async () => {
      await expect(store.listFolders('folders')).rejects.toThrow('"folders" is not the name of a folder');
    });
  });

  it('refuses hostile keys, and writes nothing anywhere', async () => {
    const before = await keys(store, '');
    for (const key of HOSTILE_KEYS) {
      for (const use of [
        () => store.put(key, Buffer.from('x')),
        () => store.putNew(key, Buffer.from('x')),
        () => store.putStream(key, Readable.from(['x'])),
        () => store.putNewStream(key, Readable.from(['x'])),
        () => store.get(key),
        () => store.getStream(key),
        () => store.remove(key),
      ]) {
        await expect(use(), JSON.stringify(key)).rejects.toThrow("can't be the key of an object");
      }
    }
    expect(await keys(store, '')).toEqual(before);
  });
}

async function allBelow(
  store: Store,
  prefix: string,
): Promise<{ key: string; size: number; modifiedMs: number }[]> {
  const found = [];
  for await (const object of store.list(prefix)) found.push(object);
  return found;
}

async function keys(store: Store, prefix: string): Promise<string[]> {
  return (await allBelow(store, prefix)).map(({ key }) => key);
}

function inChunks(body: Buffer, chunkBytes: number): Readable {
  const count = Math.ceil(body.length / chunkBytes);
  return Readable.from(
    Array.from({ length: count }, (_, i) => body.subarray(i * chunkBytes, (i + 1) * chunkBytes)),
  );
}

function breakingAfter(bytes: number): Readable {
  return Readable.from(
    (function* () {
      for (let given = 0; given < bytes; given += 1_000) yield Buffer.alloc(1_000, 'x');
      throw new Error('the source broke');
    })(),
  );
}
