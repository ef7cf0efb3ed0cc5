import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GoToolMissing, provideGoTool, VERSITYGW } from './goTool.js';

let folder: string;
let onPath: string;
let cached: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ladepuls-go-tool-'));
  onPath = await executable('bin', 'versitygw');
  cached = await executable('cache/ladepuls', `versitygw-${VERSITYGW.version}`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('takes VERSITYGW, then the PATH, then the cache', async () => {
  const [PATH, XDG_CACHE_HOME] = [join(folder, 'bin'), join(folder, 'cache')];
  expect(await provideGoTool(VERSITYGW, { VERSITYGW: cached, PATH, XDG_CACHE_HOME })).toBe(cached);
  expect(await provideGoTool(VERSITYGW, { PATH, XDG_CACHE_HOME })).toBe(onPath);
  expect(await provideGoTool(VERSITYGW, { PATH: folder, XDG_CACHE_HOME })).toBe(cached);
});

it('says what is missing and how to provide it', async () => {
  const nowhere = { PATH: folder, XDG_CACHE_HOME: join(folder, 'none') };
  await expect(provideGoTool(VERSITYGW, nowhere)).rejects.toThrow(GoToolMissing);
  await expect(provideGoTool(VERSITYGW, nowhere)).rejects.toThrow(/Go, .* is not on the PATH\. Install Go/);
  await expect(provideGoTool(VERSITYGW, { VERSITYGW: join(folder, 'none') })).rejects.toThrow(
    'no file that can be executed',
  );
});

it('says why a build failed', async () => {
  const failing = await executable('failing', 'go');
  await writeFile(failing, '#!/bin/sh\necho "no route to the module proxy" >&2\nexit 1\n');
  const env = { PATH: `${join(folder, 'failing')}:/usr/bin:/bin`, XDG_CACHE_HOME: join(folder, 'empty') };
  await expect(provideGoTool(VERSITYGW, env)).rejects.toThrow(
    /building it failed: .*no route to the module proxy/s,
  );
});

async function executable(subfolder: string, name: string): Promise<string> {
  const path = join(folder, subfolder, name);
  await mkdir(join(folder, subfolder), { recursive: true });
  await writeFile(path, '#!/bin/sh\n');
  await chmod(path, 0o755);
  return path;
}
