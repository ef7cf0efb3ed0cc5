import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { describeSettings } from '../src/config.js';

interface Compose {
  services: Record<string, { image: string; environment?: Record<string, unknown> }>;
}

const read = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const compose = parse(read('docker-compose.yml'), { merge: true }) as Compose;

/** Names that have the form of our settings, in any text. */
const SETTING = /\b(?:LADEPULS_[A-Z_]+|(?:RAW|FLAT)_STORE|DATABASE_URL)\b/g;
const known = describeSettings().map(({ name }) => name);

describe.each(['docker-compose.yml', 'Dockerfile'])('%s', (file) => {
  test('names only settings that there are', () => {
    const named = [...new Set(read(file).match(SETTING))];
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  test('pins every image by a tag', () => {
    const images =
      file === 'Dockerfile'
        ? [...read(file).matchAll(/^FROM (\S+)/gm)].map(([, image]) => image ?? '')
        : Object.values(compose.services).map(({ image }) => image);
    expect(images.length).toBeGreaterThan(0);
    expect(images.filter((image) => !/:v?\d/.test(image))).toEqual([]);
  });
});

test('the worker and whoever applies the schedules have the same settings', () => {
  const { worker, schedules } = compose.services;
  expect(worker?.environment).toMatchObject({ RAW_STORE: expect.stringMatching(/^s3:/) as string });
  expect(schedules?.environment).toEqual(worker?.environment);
});
