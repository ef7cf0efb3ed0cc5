import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { importFiles } from '../../src/importing/importFiles.js';
import { getRaw } from '../../src/stores/raw.js';
import { contents, emptyRawStore, keysBelow } from './rawStore.js';

const FOLDER = resolve(import.meta.dirname, '../../../shared/feeds');
const FILES = ['20220111_215824_cp_data_cities.json.gz', '20220111_220822_cp_data_cities.json.gz'].map(
  (name) => join(FOLDER, name),
);
const isAbsent = !FILES.every((file) => existsSync(file));
const hint = isAbsent ? ` (skipped: there are no recorded polls in ${FOLDER})` : '';

describe.skipIf(isAbsent)(`the recorded polls${hint}`, { timeout: 30_000 }, () => {
  it('are 76 bodies, of which the files can be put together again', async () => {
    const settings = await emptyRawStore();
    const { store } = settings;
    const summary = await importFiles(FILES, settings);
    expect(summary).toMatchObject({
      files: 2,
      stored: 76,
      alreadyThere: 0,
      wrongAnswers: {},
      days: ['2022-01-11'],
      failed: [],
    });
    expect(summary.feeds).toHaveLength(38);
    const keys = await keysBelow(store, 'polls/');
    expect(keys).toHaveLength(76);

    const objects = await Promise.all(keys.map((key) => getRaw(store, key)));
    for (const [index, slot] of ['20220111T2050Z', '20220111T2100Z'].entries()) {
      const original = gunzipSync(readFileSync(FILES[index] ?? ''));
      const bodies = new Map(
        objects.filter(({ meta }) => meta.slot === slot).map(({ meta, body }) => [meta.feed, body]),
      );
      // The files have the separators of Python's json.dump, which wrote them.
      const feeds = Object.keys(JSON.parse(original.toString()) as object);
      const parts = feeds.flatMap((feed, i) => [
        Buffer.from(`${i === 0 ? '{' : ', '}${JSON.stringify(feed)}: `),
        bodies.get(feed) ?? Buffer.alloc(0),
      ]);
      expect(Buffer.concat([...parts, Buffer.from('}')]).equals(original)).toBe(true);
    }
  });

  it('are the same after they are imported again, in another order', async () => {
    const settings = await emptyRawStore();
    await importFiles(FILES, settings);
    const before = await contents(settings.store);
    expect(await importFiles(FILES.toReversed(), settings)).toMatchObject({ stored: 0, alreadyThere: 76 });
    expect(await contents(settings.store)).toEqual(before);
  });
});
