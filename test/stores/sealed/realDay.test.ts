import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanFeedDay } from '../../../src/cleaning/clean.js';
import { slotsOfDay } from '../../../src/domain/day.js';
import { formatSlot } from '../../../src/domain/slot.js';
import { importFiles } from '../../../src/importing/importFiles.js';
import { chargecloud } from '../../../src/sources/chargecloud/source.js';
import { openStore } from '../../../src/stores/open.js';
import { listRawFeeds, listRawSlot } from '../../../src/stores/raw.js';
import { sealFeedDay } from './support/seal.js';
import { listUnsealedFeeds, removeSealedRuns } from '../../../src/stores/sealed/sealRuns.js';
import { putSlotRun } from '../../../src/stores/slotRuns.js';
import type { Store } from '../../../src/stores/store.js';
import { digestSet } from '../../cleaning/support/flatFiles.js';
import { keysBelow, TIME_ZONE } from './support/day.js';

const SHARED = resolve(import.meta.dirname, '../../../../shared');
const MAKE_DAY = join(SHARED, 'bench/make_day.py');
const isAbsent = !existsSync(MAKE_DAY);
const hint = isAbsent ? ` (skipped: there is no ${MAKE_DAY})` : '';

const DAY = '2022-01-12';
const isLong = Boolean(process.env.LADEPULS_TEST_LONG);
const SLOT_COUNT = isLong ? 144 : 4;
/** Maximum size of a sealed day. The short test has few polls, but all stations, which take half of the size. */
const MAX_BYTES = isLong ? 1_000_000 : 400_000;
const TIMEOUT_MS = isLong ? 30 * 60_000 : 120_000;

describe.skipIf(isAbsent)(`a day of the 38 feeds${hint}`, { timeout: TIMEOUT_MS }, () => {
  let folder: string;
  let raw: Store;
  let flat: Store;
  let feeds: string[];
  const unsealed = new Map<string, Buffer>();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ladepuls-day-'));
    const polls = join(folder, 'polls');
    execFileSync('python3', [MAKE_DAY, join(SHARED, 'feeds'), polls, String(SLOT_COUNT), DAY]);
    raw = openStore(`file:${folder}/raw`);
    flat = openStore(`file:${folder}/flat`);
    const settings = { store: raw, source: chargecloud, timeZone: TIME_ZONE, intervalMinutes: 10 };
    await importFiles([polls], settings);
    feeds = await listRawFeeds(raw, 'accepted');
    await recordRuns();
    for (const feed of feeds) await cleanFeedDay({ raw, flat }, { day: DAY, load: 'single', feed });
    for (const key of await keysBelow(raw, 'polls/')) unsealed.set(key, gunzipSync(await raw.get(key)));
    expect(await listUnsealedFeeds(raw, DAY)).toEqual(feeds);
    for (const feed of feeds) await sealFeedDay(raw, feed, DAY);
    await removeSealedRuns(raw, DAY);
  }, TIMEOUT_MS);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Write the slot run records of a collector. */
  async function recordRuns(): Promise<void> {
    for (const slot of slotsOfDay(DAY, TIME_ZONE, 10).slice(0, SLOT_COUNT)) {
      const found = await Promise.all(feeds.map((feed) => listRawSlot(raw, 'accepted', feed, DAY, slot)));
      await putSlotRun(raw, DAY, slot, {
        workflow_id: `acquireSlot-${new Date(slot).toISOString()}`,
        run_id: crypto.randomUUID(),
        recorded_at: new Date(slot + 20_000 + Math.floor(Math.random() * 20_000)).toISOString(),
        outcomes: feeds.map((feed, i) => ({
          feed,
          outcome: 'stored',
          reason: null,
          key: found[i]?.[0]?.key ?? null,
          attempts: 1,
        })),
      });
    }
  }

  it('takes less than 1 MB, outcomes included', async () => {
    let bytes = 0;
    let objects = 0;
    for await (const { size } of raw.list('sealed/')) {
      bytes += size;
      objects++;
    }
    expect(objects).toBe(38);
    expect(bytes).toBeLessThan(MAX_BYTES);
    expect(await keysBelow(raw, 'polls/')).toEqual([]);
    const lastSlot = formatSlot(slotsOfDay(DAY, TIME_ZONE, 10)[SLOT_COUNT - 1] ?? 0);
    expect(await keysBelow(raw, 'runs/')).toEqual([expect.stringContaining(`/${lastSlot}/`)]);
  });

  it('unpacks byte for byte', async () => {
    let found = 0;
    for (const key of await keysBelow(raw, 'sealed/')) {
      for (const { name, content } of files(brotliDecompressSync(await raw.get(key)))) {
        if (name === 'index.json') continue;
        expect(unsealed.get(`${name}.gz`)?.equals(content), name).toBe(true);
        found++;
      }
    }
    expect(found).toBe(SLOT_COUNT * 38);
    expect(unsealed.size).toBe(found);
  });

  it('is cleaned into the very files that its single answers gave', async () => {
    for (const feed of feeds) {
      await cleanFeedDay({ raw, flat }, { day: DAY, load: 'sealed', feed });
      const single = await digestSet(flat, { day: DAY, load: 'single', feed });
      expect(single.charging_point_status_span).not.toBe('absent');
      expect(await digestSet(flat, { day: DAY, load: 'sealed', feed })).toEqual(single);
    }
  });
});

/** Yield the files of an archive, reading headers in the format of POSIX. */
function* files(tar: Buffer): Generator<{ name: string; content: Buffer }> {
  const text = (at: number, length: number) =>
    tar.toString('latin1', at, at + length).split('\0', 1)[0] ?? '';
  for (let at = 0; tar[at] !== 0;) {
    const [prefix, size] = [text(at + 345, 155), parseInt(text(at + 124, 12), 8)];
    const name = (prefix === '' ? '' : `${prefix}/`) + text(at, 100);
    yield { name, content: tar.subarray(at + 512, at + 512 + size) };
    at += 512 + Math.ceil(size / 512) * 512;
  }
}
