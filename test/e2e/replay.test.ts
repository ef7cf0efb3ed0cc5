import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { formatSlot, parseSlot } from '../../src/domain/slot.js';
import { replayPolls } from '../../src/simulation/feed/recordedPolls.js';
import { importFiles } from '../../src/importing/importFiles.js';
import { sourceByName } from '../../src/sources/registry.js';
import { openStore } from '../../src/stores/open.js';
import { type S3Server, startS3Server, whyNoS3Server } from '../support/s3Server.js';
import { ABSENT_HINT, RECORDED_DAY, RECORDED_POLLS } from './support/recordedPolls.js';
import { acquireSlots, applyPaused } from './support/schedules.js';
import { SlotFeed } from './support/slotFeed.js';
import { INTERVAL_MINUTES, TestSystem, TIME_ZONE } from './support/system.js';

/** Another day than that of the recording, whose slots give another order of text: 23:50 and 00:00 UTC. */
const DAY = '2023-05-04';
const SLOTS = [parseSlot('20230503T2350Z'), parseSlot('20230504T0000Z')];

const whyNot = await whyNoS3Server();
const hint = ABSENT_HINT || (whyNot === null ? '' : ` (skipped: ${whyNot})`);

const TITLE = `recorded polls, served over HTTP, collected and loaded on S3${hint}`;

describe.skipIf(hint !== '')(TITLE, { timeout: 120_000 }, () => {
  let s3: S3Server;
  let feed: SlotFeed;
  let replayed: TestSystem;
  let imported: TestSystem;

  beforeAll(async () => {
    s3 = await startS3Server();
    await s3.bucket('ladepuls');
    for (const [name, value] of Object.entries(s3.env)) vi.stubEnv(name, value);
    const content = await replayPolls({ paths: RECORDED_POLLS, afterLast: 'stay' });
    feed = await SlotFeed.start({ content, slots: SLOTS });
    const s3Stores = { rawUrl: 's3://ladepuls/raw', flatUrl: 's3://ladepuls/flat' };
    [imported, replayed] = await Promise.all([TestSystem.open(), TestSystem.open(s3Stores)]);
  }, 120_000);

  afterAll(async () => {
    await replayed.close();
    await imported.close();
    await feed.stop();
    vi.unstubAllEnvs();
    await s3.stop();
  });

  it('are collected by the schedule, every feed in each slot', async () => {
    await feed.recordCollection(replayed.raw);
    await applyPaused(replayed);
    await replayed.startAcquiring(feed.activities(replayed.raw));
    expect(await acquireSlots(replayed, SLOTS)).toEqual(
      SLOTS.map((slot) => ({ slot: formatSlot(slot), stored: 38, failed: 0, missed: 0, notStored: {} })),
    );
    expect(feed.server.log).toHaveLength(76);
  });

  it('are loaded from S3 through S3', async () => {
    await replayed.startLoading();
    const result = { feeds: 38, polls: 76, chargingPointFacts: 4856, connectorFacts: 5622, quarantined: 0 };
    expect(await replayed.load(DAY)).toMatchObject({ day: DAY, ...result });
    const flat = openStore(replayed.urls.flatUrl);
    expect(await flat.listFolders('')).toEqual([DAY]);
    await flat.close();
  });

  it('are the rows that their files give, but for slot, day, query_time and keys', async () => {
    await importFiles(RECORDED_POLLS, {
      store: imported.raw,
      source: sourceByName('chargecloud'),
      timeZone: TIME_ZONE,
      intervalMinutes: INTERVAL_MINUTES,
    });
    await imported.startLoading();
    await imported.load(RECORDED_DAY);
    for (const [table, columns] of Object.entries(WITHOUT_TIMES)) {
      const [of, by] = await Promise.all(
        [imported, replayed].map((system) => rowsOf(system, table, columns)),
      );
      expect(of?.length, `rows of ${table}`).toBeGreaterThan(0);
      expect(by, table).toEqual(of);
    }
  });

  it('have the times of their own slots', async () => {
    const times = await replayed.query(
      'select slot, query_time, day::text, count(*)::int as facts from status_connectors group by 1, 2, 3 order by 1',
    );
    expect(times).toEqual(
      SLOTS.map((slot) => ({
        slot: new Date(slot),
        query_time: new Date(slot + 3_000),
        day: DAY,
        facts: 2811,
      })),
    );
    expect(
      await replayed.query('select hour, day, month, year, weekday from time order by query_time'),
    ).toEqual([
      { hour: 1, day: 4, month: 5, year: 2023, weekday: 4 },
      { hour: 2, day: 4, month: 5, year: 2023, weekday: 4 },
    ]);
  });
});

/** The number of a row's poll in the day, from 1. */
const POLL = 'dense_rank() over (order by slot) as poll';

/** What of each table is the same whenever it was collected. */
const WITHOUT_TIMES = {
  'public.status_chargingpoints': `${POLL}, id_chargingpoint, status_cp, status_parkingsensor`,
  'public.status_connectors': `${POLL}, id_connector, status_connector`,
  'public.charging_station': "to_jsonb(t) - 'last_seen' as row",
  'public.charging_point': "to_jsonb(t) - 'last_seen' as row",
  'public.connector': "to_jsonb(t) - 'last_seen' as row",
  'ops.charging_station_content_span': "to_jsonb(t) - '{day,first_slot,last_slot}'::text[] as row",
  'ops.charging_point_content_span': "to_jsonb(t) - '{day,first_slot,last_slot}'::text[] as row",
  'ops.connector_content_span': "to_jsonb(t) - '{day,first_slot,last_slot}'::text[] as row",
  'ops.poll': `${POLL}, to_jsonb(t) - '{day,slot,received_at,query_time,digest}'::text[] as row`,
  'ops.ledger': "to_jsonb(t) - '{day,inventory}'::text[] as row",
};

async function rowsOf(system: TestSystem, table: string, columns: string): Promise<string[]> {
  const rows = await system.query<{ line: string }>(
    `select line::text from (select ${columns} from ${table} t) line order by line::text collate "C"`,
  );
  return rows.map(({ line }) => line);
}
