import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Day, slotsOfDay } from '../../src/domain/day.js';
import { simulateFleet } from '../../src/simulation/feed/fleet.js';
import { openReaderLogin } from '../../src/warehouse/postgres/readers.js';
import { storeAnswers } from './support/rawDays.js';
import { INTERVAL_MINUTES, TestSystem, TIME_ZONE } from './support/system.js';
import { Watch } from './support/watch.js';
import { WorkerProcess } from './support/workerProcess.js';

const DAY = '2022-05-10';
const OTHER_DAY = '2022-05-11';
const LONGEST_WAIT_MS = 1_000;
const OPEN_MS = process.env.LADEPULS_TEST_LONG === '1' ? 60_000 : 3_000;

const fleet = simulateFleet({ seed: 3, feeds: ['koeln', 'bonn', 'kiel', 'hof'], stationsPerFeed: 80 });
const slotsOf = (day: Day) => slotsOfDay(day, TIME_ZONE, INTERVAL_MINUTES);

describe('readers, while a day is loaded that a transaction has read', { timeout: OPEN_MS + 60_000 }, () => {
  let system: TestSystem;
  let readerUrl: string;

  beforeAll(async () => {
    system = await TestSystem.open();
    readerUrl = await openReaderLogin(system.databaseUrl);
    const worker = WorkerProcess.start(system);
    await storeAnswers(system.raw, fleet, slotsOf(DAY).slice(0, 30));
    await system.load(DAY);
    return async () => {
      await worker.kill();
      await system.close();
    };
  }, 120_000);

  it('see the old day or the new one, at once, and the transaction still the old one', async () => {
    await storeAnswers(system.raw, fleet, slotsOf(DAY).slice(30, 45));
    const { before, after, sights, inTransaction } = await watchLoad(DAY);
    expect(facts(before)).toBeGreaterThan(30_000);
    expect(facts(after)).toBe(facts(before) * 1.5);
    expect(inTransaction).toEqual([before, before]);
    expectOneChange(sights, before, after);
  });

  it('see nothing or all of a day that is loaded for the first time', async () => {
    await storeAnswers(system.raw, fleet, slotsOf(OTHER_DAY).slice(0, 30));
    const { before, after, sights, inTransaction } = await watchLoad(OTHER_DAY);
    expect(facts(before)).toBe(0);
    expect(facts(after)).toBeGreaterThan(30_000);
    expect(inTransaction).toEqual([before, before]);
    expectOneChange(sights, before, after);
  });

  /** Loads a day while a transaction is open that has read all there is, and other readers look at that day. */
  async function watchLoad(day: Day) {
    const transaction = await connect();
    await transaction.query('begin isolation level repeatable read');
    const openedMs = performance.now();
    const before = await look(transaction, day);
    const watches = await Promise.all([1, 2].map(() => Watch.start(readerUrl, dayQuery(day))));
    // Returns while the transaction is open: a load that waited for it would not.
    const { revision } = await system.load(day);
    await sleep(Math.max(0, OPEN_MS - (performance.now() - openedMs)));
    await Promise.all(watches.map((watch) => watch.stop()));
    const inTransaction = [before, await look(transaction, day)];
    await transaction.query('commit');
    expect(revision).toBe(day === DAY ? 2 : 1);
    return {
      before,
      after: await look(transaction, day),
      inTransaction,
      sights: watches.map(({ sights }) => sights),
    };
  }

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: readerUrl });
    await client.connect();
    onTestFinished(() => client.end());
    return client;
  }
});

/** One statement: what it tells of a day is of one moment. */
function dayQuery(day: Day): pg.QueryConfig {
  const text = `
    select (select count(*)::int from status_chargingpoints where day = $1) as charging_points,
      (select count(*)::int from status_connectors where day = $1) as connectors,
      (select coalesce(sum(charging_point_facts + connector_facts), 0)::int from ops.ledger where day = $1) as facts,
      (select count(distinct query_time)::int from status_connectors join time using (query_time)
        where status_connectors.day = $1) as times,
      (select coalesce(max(revision), 0) from ops.day_revision where day = $1) as revision`;
  return { text, values: [day] };
}

async function look(client: pg.Client, day: Day): Promise<string> {
  return JSON.stringify((await client.query<object>(dayQuery(day))).rows);
}

function facts(seen: string): number {
  const [day] = JSON.parse(seen) as { charging_points: number; connectors: number; facts: number }[];
  expect((day?.charging_points ?? NaN) + (day?.connectors ?? NaN)).toBe(day?.facts);
  return day?.facts ?? NaN;
}

/** That every reader saw the one, then the other, nothing else, and never waited long. */
function expectOneChange(readers: Watch['sights'][], before: string, after: string): void {
  for (const sights of readers) {
    const changes = sights.map(({ seen }) => seen).filter((seen, index, all) => seen !== all[index - 1]);
    expect(changes).toEqual([before, after]);
    expect(Math.max(...sights.map(({ waitedMs }) => waitedMs))).toBeLessThan(LONGEST_WAIT_MS);
    expect(sights.length).toBeGreaterThan(20);
  }
}
