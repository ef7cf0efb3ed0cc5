import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { FLAT_FILES } from '../../src/domain/flatFiles.js';
import { flatKey } from '../../src/stores/flat.js';
import { readFlatRows } from '../../src/stores/flatRows.js';
import { openStore } from '../../src/stores/open.js';
import { ObjectNotFound, type Store } from '../../src/stores/store.js';

const HEADER = FLAT_FILES.poll.join(',');
const setOf = (feed: number) => ({ day: '2022-01-11', load: 'run-1', feed: `feed-${feed}` });

let store: Store;
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'ladepuls-flat-rows-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  store = openStore(`file:${folder}`);
});

const put = (feed: number, text: string) =>
  store.put(flatKey(setOf(feed), 'poll'), gzipSync(Buffer.from(text)));

async function rowsOf(feeds: number[]): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of readFlatRows(store, feeds.map(setOf), 'poll')) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

it('reads the rows of all sets in their order, without headers', async () => {
  const feeds = Array.from({ length: 40 }, (_, feed) => feed);
  for (const feed of feeds) await put(feed, `${HEADER}\n${`${feed},"a\nb"\n`.repeat(feed)}`);
  expect(await rowsOf(feeds)).toBe(feeds.map((feed) => `${feed},"a\nb"\n`.repeat(feed)).join(''));
  expect(await rowsOf([3, 1])).toBe(`${'3,"a\nb"\n'.repeat(3)}1,"a\nb"\n`);
  expect(await rowsOf([])).toBe('');
});

it.each([
  ['other columns', `a,b\n1,2\n`, /has the columns a,b, but it should have /],
  ['nothing at all', '', /has the columns , but it should have /],
  ['a header that was cut short', HEADER.slice(0, -1), /Load the day again/],
])('refuses a file of %s', async (_, text, refusal) => {
  await put(1, `${HEADER}\n1\n`);
  await put(2, text);
  await expect(rowsOf([1, 2])).rejects.toThrow(refusal);
});

it('says so where a file is not there, or was cut short', async () => {
  await put(1, `${HEADER}\n1\n`);
  await expect(rowsOf([1, 2])).rejects.toThrow(ObjectNotFound);
  const key = flatKey(setOf(2), 'poll');
  await store.put(key, gzipSync(Buffer.from(`${HEADER}\n${'1\n'.repeat(1000)}`)).subarray(0, -20));
  await expect(rowsOf([1, 2])).rejects.toThrow(/unexpected end of file/);
});
