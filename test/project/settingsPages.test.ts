import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { SETTINGS_PAGES, withSettings } from '../../src/build/settingsPages.js';
import { packageUrl } from '../../src/runtime/paths.js';
import { ALL_SETTINGS } from '../../src/settings/settings.js';

const read = (path: string): string => readFileSync(fileURLToPath(packageUrl(path)), 'utf8');

describe.each(Object.keys(SETTINGS_PAGES))('%s', (path) => {
  it('has the settings as they are declared; if not, run "npm run docs:settings"', () => {
    expect(read(path)).toBe(withSettings(path, read(path)));
  });

  it('is refused without the lines between which its settings stand', () => {
    expect(() => withSettings(path, '# Settings\n')).toThrow(`${path} must have these two lines`);
  });
});

it('docs/settings.md has every setting once, with lines of at most 120 characters', () => {
  const page = read('docs/settings.md');
  for (const { name } of ALL_SETTINGS) expect(page.split(`### \`${name}\``), name).toHaveLength(2);
  expect(page.split('\n').filter((line) => line.length > 120)).toEqual([]);
});
