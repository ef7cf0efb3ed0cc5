import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listRawDays, listRawFeeds } from '../../../src/stores/raw.js';
import { RAW_FOLDERS } from '../../../src/stores/rawObject.js';
import { readRawState } from '../../../src/stores/rawState.js';
import { sealFeedDay } from './support/seal.js';
import { listUnsealedFeeds, removeSealedRuns } from '../../../src/stores/sealed/sealRuns.js';
import type { Store } from '../../../src/stores/store.js';
import { DAY, expectFeeds, keysBelow, putAnswer, putRun, seen, seenOneByOne, slotAt } from './support/day.js';

const FEEDS = ['koeln', 'bonn', 'kiel', 'a-name-as-long-as-a-feed-may-have-it-'.padEnd(64, 'x')];
const [KOELN = '', BONN = '', KIEL = '', LONG = ''] = FEEDS;

/** Test sealing, for any kind of store. */
export function describeSealing(open: (name: string) => Promise<Store>, folder: () => string): void {
  let store: Store;
  /** Content of every unsealed answer, by key. */
  const contents = new Map<string, Buffer>();
  let before: unknown;

  beforeAll(async () => {
    store = await open('sealed');
    await fill(store);
    for (const prefix of ['polls/', 'answers/'])
      for (const key of await keysBelow(store, prefix)) contents.set(key, gunzipSync(await store.get(key)));
    before = await seen(store, FEEDS);
  });
  afterAll(() => store.close());

  it('makes one object of a feed’s day, and nothing else is seen by readers', async () => {
    expect(await listUnsealedFeeds(store, DAY)).toEqual([...FEEDS].sort());
    for (const feed of FEEDS) {
      expect(await sealFeedDay(store, feed, DAY)).toMatchObject({ unreadable: 0, damaged: null });
      expect(await seen(store, FEEDS)).toEqual(before);
    }
    expect(await removeSealedRuns(store, DAY)).toBe(2);
    expect(await seen(store, FEEDS)).toEqual(before);
    expect(await keysBelow(store, 'polls/')).toEqual([]);
    expect(await keysBelow(store, 'answers/')).toEqual([]);
    expect(await keysBelow(store, 'runs/')).toEqual([expect.stringMatching(/\/last\.json$/)]);
    expect((await keysBelow(store, 'sealed/')).map((key) => key.split('/')[1])).toEqual([...FEEDS].sort());
  });

  it('gives single answers, feeds and days as before', async () => {
    for (const kind of ['accepted', 'rejected'] as const) {
      const found = await seenOneByOne(store, kind, KOELN);
      const keys = [...contents.keys()].filter((key) => key.startsWith(`${RAW_FOLDERS[kind]}/${KOELN}/`));
      expect([...found.keys()]).toEqual(keys.sort());
      for (const [key, content] of found) expect(JSON.parse(content)).toEqual(parsed(contents.get(key)));
    }
    expect(await listRawFeeds(store, 'accepted')).toEqual([...FEEDS].sort());
    expect(await listRawDays(store, 'accepted', BONN)).toEqual([DAY]);
    expect(await readRawState(store)).toMatchObject({ feeds: 3, firstDay: DAY, lastDay: DAY });
  });

  it('can be unpacked by stock tools, byte for byte', async () => {
    const unpacked = new Map<string, Buffer>();
    for (const key of await keysBelow(store, 'sealed/')) {
      const tar = join(folder(), 'day.tar');
      writeFileSync(tar, brotliDecompressSync(await store.get(key)));
      const files = pythonFiles(tar);
      expect([...files.keys()][0]).toBe('index.json');
      const index = JSON.parse(files.get('index.json')?.toString() ?? '') as { answers: { kind: string }[] };
      expect(index).toMatchObject({ version: 1, feed: key.split('/')[1], day: DAY });
      for (const { kind } of index.answers) expect(['polls', 'answers']).toContain(kind);
      files.delete('index.json');
      for (const [name, content] of files) unpacked.set(`${name}.gz`, content);
    }
    expect([...unpacked.keys()].sort()).toEqual([...contents.keys()].sort());
    for (const [key, content] of unpacked) expect(contents.get(key)?.equals(content), key).toBe(true);
  });

  it('changes nothing when it is done again', async () => {
    const keys = await keysBelow(store, '');
    expect(await listUnsealedFeeds(store, DAY)).toEqual([]);
    for (const feed of FEEDS) expect(await sealFeedDay(store, feed, DAY)).toMatchObject({ removed: 0 });
    expect(await removeSealedRuns(store, DAY)).toBe(0);
    expect(await keysBelow(store, '')).toEqual(keys);
  });

  it('gives the same object in another store, in whatever order answers and generations came', async () => {
    const other = await open('other');
    await putAnswer(other, { feed: BONN, slotIndex: 3, body: 'late' });
    await sealFeedDay(other, BONN, DAY);
    await fill(other);
    for (const feed of FEEDS) await sealFeedDay(other, feed, DAY);
    await putAnswer(store, { feed: BONN, slotIndex: 3, body: 'late' });
    const [earlier = ''] = await keysBelow(store, `sealed/${BONN}/`);
    expect(await listUnsealedFeeds(store, DAY)).toEqual([BONN]);
    expect(await sealFeedDay(store, BONN, DAY)).toMatchObject({ answers: 7, removed: 2 });
    expect(await keysBelow(store, 'sealed/')).not.toContain(earlier);
    expect(await keysBelow(other, 'sealed/')).toEqual(await keysBelow(store, 'sealed/'));
    await other.close();
  });

  describe('of a feed that has nothing', () => {
    it('makes no object', async () => {
      const nothing = await sealFeedDay(store, 'nobody', DAY);
      expect(nothing).toMatchObject({ key: null, answers: 0, outcomes: 0 });
      expect(await keysBelow(store, 'sealed/nobody/')).toEqual([]);
    });
  });
}

/** Fill the day with three feeds that have accepted and rejected answers, and one feed with missed polls only. */
async function fill(store: Store): Promise<void> {
  await expectFeeds(store, FEEDS);
  for (const feed of [KOELN, BONN, LONG]) {
    for (const slotIndex of [143, 0, 1, 70])
      await putAnswer(store, { feed, slotIndex, body: `{"data":["${feed}",${slotIndex}]}\n` });
    await putAnswer(store, { feed, slotIndex: 0, laterMs: 4_000, body: Buffer.from([0, 255, 10, 13, 0]) });
    await putAnswer(store, { feed, slotIndex: 2, kind: 'rejected', body: '<html>' });
  }
  await putAnswer(store, { feed: KOELN, slotIndex: 4, kind: 'rejected', body: '' });
  await putAnswer(store, { feed: KOELN, slotIndex: 5, body: Buffer.alloc(3_000_000, 'a large one ') });
  const stored = { [KOELN]: null, [BONN]: null, [LONG]: null };
  await putRun(store, 0, 'first', { ...stored, [KIEL]: 'refused' });
  await putRun(store, 2, 'second', { [KOELN]: 'http_500', [BONN]: 'timeout', [KIEL]: 'late' });
  await putRun(store, 143, 'last', { ...stored, [KIEL]: 'timeout' });
  expect(slotAt(143)).toBe(slotAt(0) + 143 * 600_000);
}

function parsed(content: Buffer | undefined): unknown {
  const text = content?.toString('latin1') ?? '';
  const end = text.indexOf('\n');
  const body = Buffer.from(text.slice(end + 1), 'latin1').toString('base64');
  return { meta: JSON.parse(text.slice(0, end)) as unknown, body };
}

/** Return the files of an archive as Python's tarfile reads them, and check that they have no owner and no time. */
function pythonFiles(tar: string): Map<string, Buffer> {
  const script =
    'import base64, json, sys, tarfile\n' +
    't = tarfile.open(sys.argv[1])\n' +
    'head = lambda m: [m.isreg(), m.mode, m.mtime, m.uid, m.gid, m.uname, m.gname]\n' +
    'print(json.dumps([[m.name, base64.b64encode(t.extractfile(m).read()).decode(), head(m)] for m in t]))';
  const output = execFileSync('python3', ['-c', script, tar], { maxBuffer: 64 * 1024 * 1024 }).toString();
  const files = JSON.parse(output) as [string, string, unknown[]][];
  for (const [name, , header] of files) expect(header, name).toEqual([true, 0o644, 0, 0, 0, '', '']);
  return new Map(files.map(([name, content]) => [name, Buffer.from(content, 'base64')]));
}
