import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { cacheFolder } from '../../src/local/cache.js';

const folder = mkdtempSync(join(tmpdir(), 'ladepuls-cache-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['the setting', join(folder, 'set'), { XDG_CACHE_HOME: join(folder, 'xdg'), HOME: folder }, 'set'],
  ['XDG_CACHE_HOME', undefined, { XDG_CACHE_HOME: join(folder, 'xdg'), HOME: folder }, 'xdg/ladepuls'],
  ['HOME', undefined, { XDG_CACHE_HOME: 'relative', HOME: folder }, '.cache/ladepuls'],
])('stands where %s says', (_what, override, env, expected) => {
  expect(cacheFolder(override, env)).toBe(join(folder, expected));
});

test('that can not be made is refused with what to set', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => cacheFolder(join(folder, 'file', 'below'), {})).toThrow(
    /can't be written to \(ENOTDIR\).* Set LADEPULS_CACHE/,
  );
  expect(() => cacheFolder(undefined, {})).toThrow(/Set LADEPULS_CACHE/);
});
