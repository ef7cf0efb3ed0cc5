import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { recordImport } from '../../src/stores/collectionLog.js';
import { DAY, envelope, FEED, point, putPoll, slotAt, station } from '../cleaning/support/polls.js';
import { loadDay, type LoadBench, openBench } from '../warehouse/support/loads.js';
import { Command } from './support/command.js';

let bench: LoadBench;
let settings: Record<string, string>;
let home: string;

beforeEach(async () => {
  bench = await openBench();
  await recordImport(bench.raw, { feed: FEED, source: 'chargecloud', day: DAY, intervalMinutes: 10 });
  const points = (count: number) => Array.from({ length: count }, (_, n) => point(`p${n}`));
  for (const [index, count] of [10, 0, 5, 0, 10].entries()) {
    const stations = count === 0 ? [] : [station('1', points(count))];
    await putPoll(bench.raw, { slot: slotAt(index), body: envelope(slotAt(index), stations) });
  }
  await loadDay(bench, DAY);
  home = mkdtempSync(join(tmpdir(), 'ladepuls-coverage-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  settings = { LADEPULS_HOME: home, RAW_STORE: bench.raw.url, DATABASE_URL: bench.url };
});

async function coverage(...args: string[]): Promise<string> {
  const command = new Command(['coverage', '--from', DAY, '--to', DAY, ...args], settings, home);
  expect([await command.exited(), command.stderr]).toEqual([0, '']);
  return command.stdout;
}

it('says which stored polls are incomplete, and why', async () => {
  expect(await coverage()).toContain('3 stored and loaded polls are incomplete (empty 2, shrunk 1)');
  const incomplete = { polls: 3, reasons: { empty: 2, shrunk: 1 } };
  expect(JSON.parse(await coverage('--json'))).toMatchObject({
    total: { stored: 5, incomplete },
    feeds: [{ feed: FEED, incomplete }],
  });
});

it('says the rest without a warehouse', async () => {
  settings.DATABASE_URL = 'postgres://ladepuls@127.0.0.1:1/warehouse';
  expect(await coverage()).toMatch(
    /5 of 144 polls stored[^]*Which stored polls are incomplete is not known, because/,
  );
  expect(JSON.parse(await coverage('--json'))).toMatchObject({ total: { stored: 5, incomplete: null } });
});
