import fc from 'fast-check';
import { mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileStore } from '../../src/stores/file.js';
import { compareBytes } from '../../src/stores/key.js';
import { openStore } from '../../src/stores/open.js';
import type { Store } from '../../src/stores/store.js';
import { describeStore } from './store.suite.js';

const HOUR_MS = 3_600_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ladepuls-file-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('FileStore', () => {
  describeStore(() => Promise.resolve(openStore(`file:${join(folder, 'made', 'when needed')}`)));
});

describe('FileStore on a thread of its own', () => {
  const url = () => `file:${join(folder, 'blocking')}`;
  describeStore(() => Promise.resolve(openStore(url(), process.env, { isAlone: true })));
});

describe('what only files can get wrong', () => {
  it('makes nothing until something is written', async () => {
    const store = new FileStore(join(folder, 'untouched'));
    expect(await keys(store, '')).toEqual([]);
    expect(await store.listFolders('')).toEqual([]);
    await store.remove('a/b');
    expect(await readdir(folder)).not.toContain('untouched');
  });

  it('refuses a key that is the folder of other objects, and one below an object', async () => {
    const store = new FileStore(join(folder, 'in the way'));
    await store.put('a/b', Buffer.from('x'));
    for (const key of ['a', 'a/b/c', 'a/b/c/d']) {
      await expect(store.put(key, Buffer.from('y')), key).rejects.toThrow('both an object and a folder');
      await expect(store.putNew(key, Buffer.from('y')), key).rejects.toThrow('both an object and a folder');
    }
    expect(await keys(store, '')).toEqual(['a/b']);
    expect(await readdir(join(folder, 'in the way', '.tmp'))).toEqual([]);
  });

  it('leaves no unfinished file behind, whoever loses', async () => {
    const store = new FileStore(join(folder, 'tidy'));
    await Promise.all(Array.from({ length: 20 }, () => store.putNew('a/b', Buffer.from('x'))));
    expect(await readdir(join(folder, 'tidy', '.tmp'))).toEqual([]);
  });

  it('sweeps what killed writers left a day ago, and nothing younger', async () => {
    const unfinished = join(folder, 'swept', '.tmp');
    await mkdir(unfinished, { recursive: true });
    for (const [name, ageMs] of [
      ['old', 25 * HOUR_MS],
      ['young', HOUR_MS],
    ] as const) {
      await writeFile(join(unfinished, name), 'half of it');
      const modified = new Date(Date.now() - ageMs);
      await utimes(join(unfinished, name), modified, modified);
    }
    const store = new FileStore(join(folder, 'swept'));
    await store.put('a', Buffer.from('x'));
    expect(await readdir(unfinished)).toEqual(['young']);
    expect(await keys(store, '')).toEqual(['a']);
  });

  it('says what to do when its folder can not be made', async () => {
    await writeFile(join(folder, 'a file'), 'x');
    const store = new FileStore(join(folder, 'a file', 'store'));
    await expect(store.put('a', Buffer.from('x'))).rejects.toThrow(
      /can't be written to: .* or choose another folder/,
    );
  });

  it('writes again after its folder was removed', async () => {
    const store = new FileStore(join(folder, 'removed'));
    await store.put('a/b', Buffer.from('x'));
    await rm(join(folder, 'removed'), { recursive: true });
    expect(await store.putNew('a/b', Buffer.from('y'))).toBe(true);
    expect(await keys(store, '')).toEqual(['a/b']);
  });

  it('lists neither symbolic links nor names that can not be keys', async () => {
    const root = join(folder, 'foreign');
    const store = new FileStore(root);
    await store.put('a', Buffer.from('x'));
    await symlink('/etc', join(root, 'link'));
    await writeFile(join(root, 'back\\slash'), 'x');
    await writeFile(join(root, 'new\nline'), 'x');
    expect(await keys(store, '')).toEqual(['a']);
    expect(await store.listFolders('')).toEqual([]);
  });

  it('lists a day of a feed without waiting for each of its folders', async () => {
    const store = new FileStore(join(folder, 'day'));
    const slots = Array.from(
      { length: 144 },
      (_, i) => `feed/2022-01-11/slot-${String(i).padStart(3, '0')}/body`,
    );
    for (const key of slots) await store.putNew(key, Buffer.from('x'));
    expect(await keys(store, 'feed/2022-01-11/')).toEqual(slots);
    const started = performance.now();
    for (let i = 0; i < 10; i++) await keys(store, 'feed/2022-01-11/');
    // A listing takes a few milliseconds. The limit only detects listings that are many times slower.
    expect((performance.now() - started) / 10).toBeLessThan(100);
  });

  it('lists as a sorted list of all keys would be, whatever they are', async () => {
    const segment = fc
      .stringMatching(/^[a-c\-.~ /ä\u{FFFD}\u{1F50C}]{1,4}$/u)
      .filter((text) => !/\/|^\.{1,2}$/.test(text));
    const key = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'));
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(key, { maxLength: 25 }),
        fc.string({ unit: fc.constantFrom('a', 'b', '-', '/', 'ä', '.'), maxLength: 4 }),
        async (candidates, prefix) => {
          const all = withoutFolders(candidates);
          const store = new FileStore(join(folder, `property-${run++}`));
          await Promise.all(all.map((one) => store.putNew(one, Buffer.from('x'))));
          const expected = all.sort(compareBytes).filter((one) => one.startsWith(prefix));
          expect(await keys(store, prefix)).toEqual(expected);
          const parent = prefix.slice(0, prefix.lastIndexOf('/') + 1);
          expect(await store.listFolders(parent)).toEqual(foldersOf(all, parent));
        },
      ),
      { numRuns: 100 },
    );
  });
});

async function keys(store: Store, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list(prefix)) found.push(key);
  return found;
}

/** Remove keys that are also folders of other keys. */
function withoutFolders(keys: string[]): string[] {
  return keys.filter((key) => !keys.some((other) => other.startsWith(`${key}/`)));
}

function foldersOf(keys: string[], parent: string): string[] {
  const below = keys.filter((key) => key.startsWith(parent)).map((key) => key.slice(parent.length));
  const folders = below.filter((rest) => rest.includes('/')).map((rest) => rest.slice(0, rest.indexOf('/')));
  return [...new Set(folders)].sort(compareBytes);
}
