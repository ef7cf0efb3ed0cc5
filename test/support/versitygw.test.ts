import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { provideVersitygw, VERSITYGW_VERSION, VersitygwMissing } from './versitygw.js';

let folder: string;
let onPath: string;
let cached: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ladepuls-versitygw-'));
  onPath = await executable('bin', 'versitygw');
  cached = await executable('cache/ladepuls', `versitygw-${VERSITYGW_VERSION}`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('takes VERSITYGW, then the PATH, then the cache', async () => {
  const [PATH, XDG_CACHE_HOME] = [join(folder, 'bin'), join(folder, 'cache')];
  expect(await provideVersitygw({ VERSITYGW: cached, PATH, XDG_CACHE_HOME })).toBe(cached);
  expect(await provideVersitygw({ PATH, XDG_CACHE_HOME })).toBe(onPath);
  expect(await provideVersitygw({ PATH: folder, XDG_CACHE_HOME })).toBe(cached);
});

it('says what is missing and how to provide it', async () => {
  const nowhere = { PATH: folder, XDG_CACHE_HOME: join(folder, 'none') };
  await expect(provideVersitygw(nowhere)).rejects.toThrow(VersitygwMissing);
  await expect(provideVersitygw(nowhere)).rejects.toThrow(/Go, .* is not on the PATH\. Install Go/);
  await expect(provideVersitygw({ VERSITYGW: join(folder, 'none') })).rejects.toThrow(
    'no file that can be executed',
  );
});

it('says why a build failed', async () => {
  const failing = await executable('failing', 'go');
  await writeFile(failing, '#!/bin/sh\necho "no route to the module proxy" >&2\nexit 1\n');
  const env = { PATH: `${join(folder, 'failing')}:/usr/bin:/bin`, XDG_CACHE_HOME: join(folder, 'empty') };
  await expect(provideVersitygw(env)).rejects.toThrow(/building it failed: .*no route to the module proxy/s);
});

async function executable(subfolder: string, name: string): Promise<string> {
  const path = join(folder, subfolder, name);
  await mkdir(join(folder, subfolder), { recursive: true });
  await writeFile(path, '#!/bin/sh\n');
  await chmod(path, 0o755);
  return path;
}
