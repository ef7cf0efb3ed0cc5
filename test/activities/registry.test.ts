import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { ACTIVITIES } from '../../src/activities/registry.js';
import { activitiesOf } from '../warehouse/support/loads.js';
import { temporaryStores } from '../cleaning/support/stores.js';
import { sealFeedDay } from '../../src/stores/sealed/seal.js';
import { openPostgresWarehouse } from '../../src/warehouse/postgres/warehouse.js';
import { DAY, putAnswer } from '../stores/sealed/support/day.js';
import { activityEnvironment } from './support/runActivity.js';

const HISTORIES = join(import.meta.dirname, '../workflows/histories');

/** Return the names of the activities in a recorded history. */
function activitiesIn(history: string): string[] {
  const names: string[] = [];
  JSON.parse(history, (key, value: unknown) => {
    if (key === 'activityType') names.push((value as { name: string }).name);
    return value;
  });
  return names;
}

it('has every activity that recorded histories ask for, by its name', () => {
  const files = readdirSync(HISTORIES).filter((name) => name.endsWith('.json'));
  const asked = files.flatMap((name) => activitiesIn(readFileSync(join(HISTORIES, name), 'utf8')));
  const known = Object.values(ACTIVITIES).flatMap((table) => Object.keys(table));
  expect(asked.length).toBeGreaterThan(0);
  expect([...new Set(asked)].filter((name) => !known.includes(name))).toEqual([]);
});

it('has each activity under one name, which is its function’s', () => {
  const entries = Object.values(ACTIVITIES).flatMap((table) => Object.entries(table));
  expect(entries.map(([, { name }]: [string, { name: string }]) => name)).toEqual(
    entries.map(([name]) => name),
  );
  expect(new Set(entries.map(([name]) => name)).size).toBe(entries.length);
});

it('a step of a load heartbeats for as long as it takes', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const { raw, flat } = temporaryStores();
  await putAnswer(raw, { feed: 'koeln', slotIndex: 0, body: 'x' });
  const environment = activityEnvironment();
  const beat = new Promise((resolve) => environment.once('heartbeat', resolve));
  const warehouse = openPostgresWarehouse('postgres://nobody@127.0.0.1:1/nothing');
  onTestFinished(() => warehouse.close());
  const { sealFeeds } = activitiesOf({
    raw,
    flat,
    warehouse,
    async seal({ feed, day, runOutcomes }) {
      vi.advanceTimersByTime(60_000);
      await beat;
      return sealFeedDay(raw, feed, day, runOutcomes);
    },
  });
  const sealed = await environment.run(sealFeeds, { feeds: ['koeln'], day: DAY });
  expect(sealed).toEqual([{ feed: 'koeln', answers: 1, unreadable: 0, damaged: null }]);
  expect(vi.getTimerCount()).toBe(0);
});
