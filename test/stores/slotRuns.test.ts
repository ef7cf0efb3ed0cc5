import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import type { Outcome } from '../../src/domain/outcome.js';
import { openStore } from '../../src/stores/open.js';
import { getSlotRun, lastSlotRun, listSlotRuns, putSlotRun } from '../../src/stores/slotRuns.js';
import type { Store } from '../../src/stores/store.js';

const DAY = '2022-01-11';
const SLOT = Date.UTC(2022, 0, 11, 20, 50);
const OUTCOMES: Outcome[] = [
  { feed: 'koeln', outcome: 'stored', reason: null, key: 'polls/koeln/x', attempts: 1 },
  { feed: 'bonn', outcome: 'failed', reason: 'http_500', key: 'answers/bonn/x', attempts: 5 },
  { feed: 'kiel', outcome: 'missed', reason: 'paused', key: null, attempts: 0 },
];
const run = (id: string, recordedAt = '2022-01-11T20:51:00.000Z') => ({
  workflow_id: 'acquireSlot-2022-01-11T20:50:00Z',
  run_id: id,
  recorded_at: recordedAt,
  outcomes: OUTCOMES,
});

let store: Store;
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'ladepuls-runs-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  store = openStore(`file:${folder}`);
});

async function listed(day = DAY) {
  const found = [];
  for await (const key of listSlotRuns(store, day)) found.push(key);
  return found;
}

it('a record comes back as it was, and is never changed', async () => {
  await putSlotRun(store, DAY, SLOT, run('a'));
  await putSlotRun(store, DAY, SLOT, { ...run('a'), outcomes: [] });
  const [only, ...others] = await listed();
  expect(others).toEqual([]);
  expect(only).toEqual({ key: 'runs/2022-01-11/20220111T2050Z/a.json', slot: SLOT });
  expect(await getSlotRun(store, only?.key ?? '')).toEqual({
    version: 1,
    slot: '20220111T2050Z',
    ...run('a'),
  });
});

it('records are listed in the order of their slots, several of one that was run again', async () => {
  for (const minutes of [20, 0, 10]) await putSlotRun(store, DAY, SLOT + minutes * 60_000, run('a'));
  await putSlotRun(store, DAY, SLOT, run('b'));
  await store.put(`runs/${DAY}/notes.txt`, Buffer.from('x'));
  await store.put(`runs/${DAY}/20220230T0000Z/a.json`, Buffer.from('x'));
  expect((await listed()).map(({ slot }) => (slot - SLOT) / 60_000)).toEqual([0, 0, 10, 20]);
  expect(await listed('2022-01-12')).toEqual([]);
});

it("the last record is the latest slot's last run", async () => {
  expect(await lastSlotRun(store)).toBeNull();
  await putSlotRun(store, DAY, SLOT + 600_000, run('z', '2022-01-11T21:01:00.000Z'));
  await putSlotRun(store, DAY, SLOT + 600_000, run('a', '2022-01-11T21:05:00.000Z'));
  await putSlotRun(store, DAY, SLOT, run('b', '2022-01-12T09:00:00.000Z'));
  expect(await lastSlotRun(store)).toMatchObject({ slot: '20220111T2100Z', run_id: 'a' });
  await putSlotRun(store, '2022-01-12', SLOT + 86_400_000, run('c'));
  expect(await lastSlotRun(store)).toMatchObject({ slot: '20220112T2050Z', run_id: 'c' });
});
