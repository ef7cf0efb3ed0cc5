import { chmod, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../src/stores/open.js';
import { PRIVATE, publishNewByClaim } from '../../src/stores/publish.js';
import { restrictFolder } from '../../src/stores/restrict.js';

let folder: string;
let umask: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ladepuls-modes-'));
  umask = process.umask(0o022);
});
afterEach(async () => {
  process.umask(umask);
  await rm(folder, { recursive: true, force: true });
});

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

/** Return the modes of a folder and of everything below it. */
async function modes(root: string): Promise<{ files: Set<number>; folders: Set<number> }> {
  const found = { files: new Set<number>(), folders: new Set([await modeOf(root)]) };
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const mode = await modeOf(join(entry.parentPath, entry.name));
    (entry.isDirectory() ? found.folders : found.files).add(mode);
  }
  return found;
}

async function fill(url: string, isShared: boolean): Promise<void> {
  const store = openStore(url, process.env, { isShared });
  await store.putNew('polls/bonn/new', Buffer.from('x'));
  await store.put('polls/kiel/replaced', Buffer.from('x'));
  await store.putStream('sealed/stream', Readable.from(['x']));
  await store.putNewStream('sealed/new/stream', Readable.from(['x']));
}

describe('files and folders of a store', () => {
  it.each([0o000, 0o022, 0o077])('are for owner and group alone, with the umask %o', async (mask) => {
    process.umask(mask);
    await fill(`file:${join(folder, 'a', 'raw')}`, false);
    expect(await modes(join(folder, 'a'))).toEqual({
      files: new Set([0o640 & ~mask]),
      folders: new Set([0o750 & ~mask]),
    });
  });

  it('are as the umask says where they are made for others, such as exports', async () => {
    process.umask(0o022);
    await fill(`file:${join(folder, 'exported')}`, true);
    expect(await modes(join(folder, 'exported'))).toEqual({
      files: new Set([0o644]),
      folders: new Set([0o755]),
    });
  });

  it('are so too where there are no hard links', async () => {
    process.umask(0);
    const store = openStore(`file:${folder}`);
    await store.put('finished', Buffer.from('x'));
    await publishNewByClaim(join(folder, 'finished'), join(folder, 'b', 'target'), PRIVATE);
    expect([await modeOf(join(folder, 'b')), await modeOf(join(folder, 'b', 'target'))]).toEqual([
      0o750, 0o640,
    ]);
  });
});

describe('the folder of an existing store', () => {
  it.each([
    [0o777, 0o750],
    [0o755, 0o750],
    [0o750, 0o750],
    [0o700, 0o700],
  ])('of mode %o gets %o', async (before, after) => {
    const root = join(folder, 'raw');
    await mkdir(root);
    await chmod(root, before);
    await restrictFolder(root);
    expect(await modeOf(root)).toBe(after);
  });

  it('need not be there', async () => {
    await restrictFolder(join(folder, 'nowhere'));
  });
});
