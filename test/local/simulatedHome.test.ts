import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { isSimulated, markSimulated, SIMULATED_MARK } from '../../src/local/simulatedHome.js';

const folders: string[] = [];
const newFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'ladepuls-mark-'));
  folders.push(folder);
  return folder;
};
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

it('makes and marks a home; a second time changes nothing', async () => {
  const home = join(newFolder(), 'new', 'demo');
  expect(isSimulated(home)).toBe(false);
  await markSimulated(home);
  expect(isSimulated(home)).toBe(true);
  const text = readFileSync(join(home, SIMULATED_MARK), 'utf8');
  expect(text).toMatch(/^Everything in this folder was simulated.*\n$/);
  mkdirSync(join(home, 'raw'));
  await markSimulated(home);
  expect(readdirSync(home).sort()).toEqual(['raw', SIMULATED_MARK]);
});

it('marks no home that has data already: they may be real', async () => {
  const home = newFolder();
  mkdirSync(join(home, 'raw'));
  await expect(markSimulated(home)).rejects.toThrow(/it has "raw" already/);
  expect(existsSync(join(home, SIMULATED_MARK))).toBe(false);
});
