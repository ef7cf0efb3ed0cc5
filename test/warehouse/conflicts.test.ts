import { beforeEach, describe, expect, it } from 'vitest';
import { hashedStationNumber } from '../../src/domain/identity.js';
import { DAY, envelope, point, putPoll, slotAt, station } from '../cleaning/support/polls.js';
import { location } from '../sources/ocpi/locations.js';
import { type LoadBench, loadDay, openBench } from './support/loads.js';
import { column, query } from './support/query.js';

let bench: LoadBench;
beforeEach(async () => {
  bench = await openBench();
});

/** Store one answer of a feed in one slot, with a status for each uid, all in one station. */
async function show(feed: string, index: number, statuses: Record<string, string>, station_: string = feed) {
  const slot = slotAt(index);
  const evses = Object.entries(statuses).map(([uid, status]) => point(uid, status));
  await putPoll(bench.raw, { slot, feed, body: envelope(slot, [station(STATIONS[station_], evses)]) });
}
const STATIONS: Record<string, string> = { bonn: '1', koeln: '2', kiel: '3' };

/** Return the loaded status of a uid in each slot of the day, by the slot's index. */
async function kept(uid: string): Promise<Record<number, unknown>> {
  const rows = await query(
    bench.url,
    `select extract(epoch from slot)::float8 * 1000 as slot, status_cp from status_chargingpoints where id_chargingpoint = '${uid}' order by slot`,
  );
  return Object.fromEntries(rows.map((row) => [(Number(row.slot) - slotAt(0)) / 600_000, row.status_cp]));
}
const quarantined = () =>
  query(
    bench.url,
    'select feed, entity, id, reason, occurrences from ops.quarantine order by feed, reason, entity, id',
  );
async function ledgerOf(feed: string) {
  const [row] = await query(
    bench.url,
    `select parsed, charging_points_read::int as read, charging_point_facts::int as facts,
       charging_points_quarantined::int as quarantined from ops.ledger where feed = '${feed}'`,
  );
  return row;
}

describe('a uid in two feeds', () => {
  it('counts in one slot for the feed that had it in more slots; elsewhere for whoever shows it', async () => {
    await show('bonn', 0, { '11': 'CHARGING', '12': 'AVAILABLE', '13': 'AVAILABLE' });
    await show('koeln', 0, { '21': 'AVAILABLE', '22': 'AVAILABLE', '11': 'BLOCKED' });
    await show('koeln', 1, { '21': 'AVAILABLE', '22': 'AVAILABLE', '11': 'RESERVED' });
    await show('bonn', 2, { '11': 'AVAILABLE', '12': 'AVAILABLE', '13': 'AVAILABLE' });
    await show('bonn', 3, { '11': 'UNKNOWN', '12': 'AVAILABLE', '13': 'AVAILABLE' });
    await loadDay(bench, DAY);
    expect(await kept('11')).toEqual({ 0: 'CHARGING', 1: 'RESERVED', 2: 'AVAILABLE', 3: 'UNKNOWN' });
    expect(await quarantined()).toEqual([
      { feed: 'koeln', entity: 'charging_point', id: '11', reason: 'other_feed', occurrences: 1 },
      { feed: 'koeln', entity: 'connector', id: '110', reason: 'other_feed', occurrences: 1 },
    ]);
    expect(await ledgerOf('koeln')).toEqual({ parsed: 2, read: 6, facts: 5, quarantined: 1 });
    expect(await ledgerOf('bonn')).toEqual({ parsed: 3, read: 9, facts: 9, quarantined: 0 });
  });

  it('counts for the feed of the earlier name where both had it in as many slots', async () => {
    for (const index of [0, 1]) {
      await show('koeln', index, { '11': 'BLOCKED', '21': 'AVAILABLE', '22': 'AVAILABLE' });
      await show('bonn', index, { '11': 'CHARGING', '12': 'AVAILABLE', '13': 'AVAILABLE' });
    }
    await loadDay(bench, DAY);
    expect(await kept('11')).toEqual({ 0: 'CHARGING', 1: 'CHARGING' });
    expect(await column(bench.url, `select id_cs from charging_point where id_cp = '11'`)).toEqual([1]);
  });

  it('is no conflict where they never show it in one slot: it moved', async () => {
    await show('bonn', 0, { '11': 'CHARGING', '12': 'AVAILABLE', '13': 'AVAILABLE' });
    await show('bonn', 1, { '12': 'AVAILABLE', '13': 'AVAILABLE' });
    await show('koeln', 1, { '11': 'BLOCKED', '21': 'AVAILABLE', '22': 'AVAILABLE' });
    await loadDay(bench, DAY);
    expect(await kept('11')).toEqual({ 0: 'CHARGING', 1: 'BLOCKED' });
    expect(await quarantined()).toEqual([]);
    expect(await column(bench.url, `select id_cs from charging_point where id_cp = '11'`)).toEqual([2]);
  });
});

describe('a feed that answers for another one', () => {
  const OWN = { '11': 'AVAILABLE', '12': 'AVAILABLE' };
  const OTHER = { '21': 'CHARGING', '22': 'CHARGING' };

  beforeEach(async () => {
    for (const index of [0, 1, 3]) await show('bonn', index, OWN);
    for (const index of [0, 1, 3]) await show('koeln', index, OTHER);
  });

  it('has that poll quarantined whole, and the other feed loses nothing', async () => {
    await show('koeln', 2, OTHER);
    await show('bonn', 2, { '21': 'BLOCKED', '22': 'BLOCKED', '12': 'BLOCKED' }, 'koeln');
    await loadDay(bench, DAY);
    expect(await kept('21')).toEqual({ 0: 'CHARGING', 1: 'CHARGING', 2: 'CHARGING', 3: 'CHARGING' });
    expect(await kept('12')).toEqual({ 0: 'AVAILABLE', 1: 'AVAILABLE', 3: 'AVAILABLE' });
    expect(await quarantined()).toContainEqual({
      feed: 'bonn',
      entity: 'poll',
      id: null,
      reason: 'foreign_poll',
      occurrences: 1,
    });
    expect(await ledgerOf('bonn')).toEqual({ parsed: 4, read: 9, facts: 6, quarantined: 3 });
    expect(await ledgerOf('koeln')).toEqual({ parsed: 4, read: 8, facts: 8, quarantined: 0 });
  });

  it('has it quarantined also where the other feed was missed: nobody knows when it was true', async () => {
    await show('bonn', 2, OTHER, 'koeln');
    await loadDay(bench, DAY);
    expect(await kept('21')).toEqual({ 0: 'CHARGING', 1: 'CHARGING', 3: 'CHARGING' });
    expect(await quarantined()).toContainEqual(expect.objectContaining({ reason: 'foreign_poll' }));
  });

  it('has the poll kept where just half of it is the other feed’s, and only that half quarantined', async () => {
    await show('koeln', 2, OTHER);
    await show('bonn', 2, { ...OWN, '21': 'BLOCKED', '22': 'BLOCKED' });
    await loadDay(bench, DAY);
    expect(await kept('11')).toEqual({ 0: 'AVAILABLE', 1: 'AVAILABLE', 2: 'AVAILABLE', 3: 'AVAILABLE' });
    expect(await kept('21')).toMatchObject({ 2: 'CHARGING' });
    expect(await ledgerOf('bonn')).toEqual({ parsed: 4, read: 10, facts: 8, quarantined: 2 });
  });

  it('takes nothing away from a third feed that shows what it answered', async () => {
    await show('kiel', 0, { '31': 'AVAILABLE' });
    await show('kiel', 2, { '31': 'AVAILABLE', '32': 'AVAILABLE', '33': 'AVAILABLE', '12': 'RESERVED' });
    await show('bonn', 2, { '21': 'BLOCKED', '22': 'BLOCKED', '12': 'BLOCKED' }, 'koeln');
    await loadDay(bench, DAY);
    expect(await kept('12')).toMatchObject({ 1: 'AVAILABLE', 2: 'RESERVED' });
  });
});

it('a station that two feeds show has one content, and points of both', async () => {
  await show('bonn', 0, { '11': 'AVAILABLE', '12': 'AVAILABLE' });
  await show('bonn', 1, { '11': 'AVAILABLE', '12': 'AVAILABLE' });
  await show('koeln', 1, { '21': 'AVAILABLE' }, 'bonn');
  await loadDay(bench, DAY);
  expect(await column(bench.url, `select feed from charging_station where id_cs = 1`)).toEqual(['bonn']);
  expect(await column(bench.url, `select id_cp from charging_point where id_cs = 1 order by 1`)).toEqual([
    '11',
    '12',
    '21',
  ]);
  expect(await quarantined()).toEqual([
    { feed: 'koeln', entity: 'station', id: '1', reason: 'other_feed', occurrences: 1 },
  ]);
});

it.each(['bonn', 'koeln'])(
  'of two stations whose hashed numbers collide, one is quarantined: feeds %s and bonn',
  async (feed) => {
    const [first, second] = collidingIds();
    const slot = slotAt(0);
    const stations = [first, second].map((id, at) => location({ id }, { uid: `u${at}` }));
    const answers = feed === 'bonn' ? [stations] : [[stations[0]], [stations[1]]];
    for (const [at, data] of answers.entries())
      await putPoll(bench.raw, {
        slot,
        source: 'ocpi',
        feed: at === 0 ? 'bonn' : feed,
        body: envelope(slot, data),
      });
    await loadDay(bench, DAY);
    expect(await query(bench.url, 'select id_cs, source_id from charging_station')).toEqual([
      { id_cs: hashedStationNumber('ocpi', first), source_id: first },
    ]);
    expect(await column(bench.url, 'select id_cp from charging_point')).toEqual(['ocpi:u0']);
    const reasons = await column(bench.url, 'select distinct reason from ops.quarantine');
    expect(reasons).toEqual(['id_collision']);
    expect(await column(bench.url, 'select count(*)::int from status_connectors')).toEqual([2]);
  },
);

/**
 * Return two ids of OCPI stations whose `id_cs` is the same, in ascending order. They were found by a search of about
 * 100 million ids.
 */
function collidingIds(): [string, string] {
  const ids = ['DE*TST*023C5CE091CB19', 'DE*TST*02647BCF3CBDCC'] as const;
  expect(hashedStationNumber('ocpi', ids[0])).toBe(hashedStationNumber('ocpi', ids[1]));
  return [...ids];
}
