import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const textOf = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const testFile = (path: string) => `../${path}`;

/** `file.test.ts`, and words of a test's name behind it. */
const SHOWN = /`([\w./]+\.test\.ts)`(?:: ([^|,`;]*[^|,`;\s]))?/g;

it('docs/security.md names tests that there are', () => {
  const shown = [...textOf('../../docs/security.md').matchAll(SHOWN)];
  expect(shown.length).toBeGreaterThan(20);
  for (const [, file = '', words = ''] of shown) {
    expect(existsSync(new URL(testFile(file), import.meta.url)), file).toBe(true);
    expect(textOf(testFile(file)), file).toContain(words);
  }
});
