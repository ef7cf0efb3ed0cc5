import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { FileStore } from '../../src/stores/file.js';
import { transpile } from '../support/transpile.js';

/** A program that writes one object from an endless stream. */
const ENDLESS = `
  import { Readable } from 'node:stream';
  import { FileStore } from './src/stores/file.js';
  const endless = Readable.from((function* () { for (;;) yield Buffer.alloc(65536, 'x'); })());
  await new FileStore(process.argv[2]).putStream('half/written', endless);
`;

/** A program that writes many objects, and prints the key of each object after it is stored. */
const BUSY = `
  import { FileStore } from './src/stores/file.js';
  const store = new FileStore(process.argv[2]);
  for (let i = 0; ; i++) {
    const key = 'folder-' + i + '/object';
    await (i % 2 === 0 ? store.put(key, Buffer.alloc(300_000, 'x')) : store.putNew(key, Buffer.alloc(300_000, 'x')));
    process.stdout.write(key + '\\n');
  }
`;

let folder: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ladepuls-killed-'));
  await transpile(['src/stores/file.ts'], folder);
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

it('leaves nothing to be seen when it is killed in the middle of an object', async () => {
  const root = join(folder, 'half');
  const child = await run('endless', ENDLESS, root);
  await vi.waitUntil(async () => (await unfinishedBytes(root)) > 1_000_000, { timeout: 20_000 });
  await kill(child);

  const store = new FileStore(root);
  expect(await unfinishedBytes(root)).toBeGreaterThan(1_000_000);
  expect(await keys(store)).toEqual([]);
  expect(await store.listFolders('')).toEqual([]);
  expect(await store.putNew('half/written', Buffer.from('whole'))).toBe(true);
  expect((await store.get('half/written')).toString()).toBe('whole');
});

it('keeps every object that it said it kept, and no half one, whenever it is killed', async () => {
  for (let round = 1; round <= 5; round++) {
    const root = join(folder, `busy-${round}`);
    const child = await run('busy', BUSY, root);
    const kept: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      kept.push(line);
      if (kept.length === round * 3) child.kill('SIGKILL');
    }

    expect(kept.length).toBeGreaterThanOrEqual(round * 3);
    const store = new FileStore(root);
    const found = await keys(store);
    expect(found).toEqual(expect.arrayContaining(kept));
    for (const key of found)
      expect((await store.get(key)).equals(Buffer.alloc(300_000, 'x')), key).toBe(true);
  }
});

async function run(name: string, script: string, root: string) {
  await writeFile(join(folder, `${name}.js`), script);
  const child = spawn(process.execPath, [join(folder, `${name}.js`), root], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function unfinishedBytes(root: string): Promise<number> {
  const unfinished = join(root, '.tmp');
  const names = await readdir(unfinished).catch(() => []);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(unfinished, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function keys(store: FileStore): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list('')) found.push(key);
  return found;
}
