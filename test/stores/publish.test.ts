import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publishNew, publishNewByClaim } from '../../src/stores/publish.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ladepuls-publish-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each([
  ['with hard links', publishNew],
  ['by a claim, where there are none', publishNewByClaim],
])('publishing a new file %s', (name, publishAs) => {
  it('lets exactly one of 20 win, in a folder that is not there yet', async () => {
    const root = join(folder, name);
    await mkdir(root);
    for (let round = 0; round < 5; round++) {
      const target = join(root, 'a', `b-${round}`, 'c');
      const finished = await Promise.all(
        Array.from({ length: 20 }, async (_, i) => {
          const path = join(root, `finished-${round}-${i}`);
          await writeFile(path, `writer ${i}`);
          return path;
        }),
      );
      const won = await Promise.all(finished.map((path) => publishAs(path, target)));
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(await readFile(target, 'utf8')).toBe(`writer ${won.indexOf(true)}`);
    }
    expect((await readdir(root)).filter((entry) => entry.startsWith('claim'))).toEqual([]);
  });
});

it('takes over the claim of a writer that was killed', async () => {
  const [finished, target] = [join(folder, 'finished'), join(folder, 'target')];
  await writeFile(finished, 'x');
  const claim = join(folder, `claim-${createHash('sha256').update(target).digest('hex')}`);
  await writeFile(claim, '');
  const longAgo = new Date(Date.now() - 120_000);
  await utimes(claim, longAgo, longAgo);
  expect(await publishNewByClaim(finished, target)).toBe(true);
  expect(await readFile(target, 'utf8')).toBe('x');
});
