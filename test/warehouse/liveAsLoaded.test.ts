import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { dayOf } from '../../src/domain/day.js';
import { openPostgresCurrent } from '../../src/warehouse/postgres/current.js';
import { runActivity } from '../activities/support/runActivity.js';
import { envelope, point, station, ZONE } from '../cleaning/support/polls.js';
import { openPolling, SLOT } from '../workflows/support/polling.js';
import { loadDay, openBench } from './support/loads.js';
import { query } from './support/query.js';

const SLOT_MS = 600_000;

/** What a feed shows in one slot: its charging points with their statuses, and records without a readable id. */
interface Shown {
  statuses: (string | null)[];
  unidentified: number;
}

const full = (status = 'AVAILABLE'): Shown => ({ statuses: Array<string>(6).fill(status), unidentified: 0 });
const nothing: Shown = { statuses: [], unidentified: 0 };
const half: Shown = { statuses: ['CHARGING', 'CHARGING', 'CHARGING'], unidentified: 0 };

/** Feeds that are empty or shrunk for some slots, or have records without an id. */
const KNOWN: Record<string, Shown[]> = {
  empty: [full(), nothing, nothing, nothing, nothing, full('CHARGING')],
  part: [full(), half, half, full('CHARGING'), half, half],
  nameless: [full(), { ...full(), unidentified: 1 }, full(), full(), { ...full(), unidentified: 1 }, full()],
};

const shown = fc.record<Shown>({
  statuses: fc.array(fc.constantFrom('AVAILABLE', 'CHARGING', null), { maxLength: 6 }),
  unidentified: fc.constantFrom(0, 0, 0, 1, 2),
});

let url: string;
let answers: Record<string, Shown[]> = {};
let nowMs = SLOT;

beforeAll(async () => {
  const server = createServer((request, response) => {
    const feed = Object.keys(answers).find((name) => request.url?.includes(name)) ?? '';
    const slot = Math.floor(nowMs / SLOT_MS) * SLOT_MS;
    const answer = answers[feed]?.[(slot - SLOT) / SLOT_MS] ?? nothing;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(envelope(slot, stationsOf(feed, answer))));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return () => {
    server.closeAllConnections();
    server.close();
  };
});

function stationsOf(feed: string, { statuses, unidentified }: Shown): unknown[] {
  const number = Object.keys(answers).indexOf(feed) + 1;
  const points = statuses.map((status, index) => point(`${feed}${index}`, status));
  const nameless = Array.from({ length: unidentified }, () => ({ uid: null, status: 'AVAILABLE' }));
  return points.length + unidentified === 0 ? [] : [station(String(number), [...points, ...nameless])];
}

/** Poll feeds over HTTP slot by slot, load their day, and compare what each says of completeness and statuses. */
async function holdAgainstEachOther(
  feeds: Record<string, Shown[]>,
): Promise<{ live: string[]; warehouse: string }> {
  answers = feeds;
  const bench = await openBench();
  const current = openPostgresCurrent(bench.url);
  try {
    const names = Object.keys(feeds);
    const { activities } = await openPolling(
      Object.fromEntries(names.map((name) => [name, { paused: false }])),
      0,
      current,
      { raw: bench.raw, now: () => nowMs, sources: { chargecloudUrl: url } },
    );
    const live: string[] = [];
    const slots = Math.max(...Object.values(feeds).map(({ length }) => length));
    for (let index = 0; index < slots; index++) {
      const slot = SLOT + index * SLOT_MS;
      nowMs = slot + 3_000;
      const input = { slot, intervalMinutes: 10 };
      const outcomes = [];
      for (const feed of names) outcomes.push(await runActivity(activities.pollFeed, { ...input, feed }));
      await runActivity(activities.keepCurrent, { ...input, outcomes });
      for (const { feed, incomplete } of await query(bench.url, 'select feed, incomplete from current_feed'))
        live.push(`${String(feed)} ${index} ${String(incomplete)}`);
    }
    await loadDay(bench, dayOf(SLOT, ZONE));
    const loaded = await query(
      bench.url,
      `select feed, (extract(epoch from slot) * 1000 - ${SLOT})::float8 / ${SLOT_MS} as index, incomplete from ops.poll`,
    );
    const ofLoad = loaded.map(
      ({ feed, index, incomplete }) => `${String(feed)} ${String(index)} ${String(incomplete)}`,
    );
    expect(live.sort()).toEqual(ofLoad.sort());
    const statuses = await query(
      bench.url,
      'select id_cp, status, since, slot from current_status order by id_cp collate "C"',
    );
    const events = await query(
      bench.url,
      `select distinct on (id_cp collate "C") id_cp, status, start_at as since,
         end_at - make_interval(mins => interval_minutes) as slot
       from status_event order by id_cp collate "C", start_at desc`,
    );
    expect(statuses).toEqual(events);
    return { live, warehouse: bench.url };
  } finally {
    await current.close();
  }
}

it('what live polls say of completeness and statuses is what the load of their day says', async () => {
  const { live } = await holdAgainstEachOther(KNOWN);
  const of = (feed: string) => live.filter((one) => one.startsWith(feed)).map((one) => one.split(' ')[2]);
  expect(of('empty')).toEqual(['null', 'empty', 'empty', 'empty', 'empty', 'null']);
  expect(of('part')).toEqual(['null', 'shrunk', 'shrunk', 'null', 'shrunk', 'shrunk']);
  expect(of('nameless')).toEqual(['null', 'unreadable_ids', 'null', 'null', 'unreadable_ids', 'null']);
});

it('so it is whatever feeds show', async () => {
  const feed = fc.array(shown, { minLength: 8, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(feed, feed, (one, other) => holdAgainstEachOther({ one, other }).then(() => undefined)),
    { numRuns: 3 },
  );
});

it('charging points that empty polls lack keep their last status and its time, and are not retired', async () => {
  const { warehouse } = await holdAgainstEachOther({ empty: [full(), nothing, nothing, nothing, nothing] });
  const shownLast = await query(warehouse, 'select distinct status, slot from current_status');
  expect(shownLast).toEqual([{ status: 'AVAILABLE', slot: new Date(SLOT) }]);
  expect(await query(warehouse, 'select count(*)::int as points from charging_point where retired_at is null')).toEqual([{ points: 6 }]); // prettier-ignore
});
