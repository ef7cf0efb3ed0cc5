import { expect, it } from 'vitest';
import { dayBounds } from '../../src/domain/day.js';
import { recordCollection } from '../../src/stores/collectionLog.js';
import { putCorrection, readCorrections } from '../../src/stores/corrections.js';
import { readCoverage } from '../../src/stores/coverage.js';
import type { Store } from '../../src/stores/store.js';
import { sealFeedDay } from '../stores/sealed/support/seal.js';
import { DAY, envelope, point, putPoll, slotAt, station, ZONE } from '../cleaning/support/polls.js';
import { type LoadBench, loadDay, newLoad, openBench, stepsOf } from './support/loads.js';
import { column, digest, query } from './support/query.js';

const { start, end } = dayBounds(DAY, ZONE);
const WHOLE_DAY = { from: start, to: end };

async function correct(raw: Store, feed: string, kind: 'exclude' | 'include', range = WHOLE_DAY) {
  const earlier = (await readCorrections(raw)).of(feed);
  const correction = { kind, feed, reason: 'wrong', by: 'me@host', ...range };
  return putCorrection(raw, correction, { earlier, nowMs: Date.now() });
}

/** Store answers of two feeds in the first twelve slots of the day. Both are to be polled all day. */
async function collect(raw: Store): Promise<void> {
  await recordCollection(raw, {
    at: new Date(start).toISOString(),
    reason: 'test',
    interval_minutes: 10,
    feeds: ['bonn', 'koeln'].map((name) => ({ name, source: 'chargecloud', paused: false })),
    setting: null,
  });
  for (let index = 0; index < 12; index++)
    for (const [feed, id] of [
      ['koeln', '1'],
      ['bonn', '2'],
    ] as const) {
      const slot = slotAt(index);
      const status = index % 4 ? 'AVAILABLE' : 'CHARGING';
      await putPoll(raw, { slot, feed, body: envelope(slot, [station(id, [point(`${id}1`, status)])]) });
    }
}

const polls = (bench: LoadBench) =>
  query(bench.url, 'select feed, count(*)::int as polls from ops.poll group by feed order by feed');
const ledger = (bench: LoadBench) =>
  query(
    bench.url,
    'select feed, bodies, parsed, unreadable, surplus, excluded from ops.ledger order by feed',
  );

it('leaves excluded answers out of the warehouse; included again, they bring it back row for row', async () => {
  const bench = await openBench();
  await collect(bench.raw);
  await loadDay(bench, DAY);
  const before = await digest(bench.url);

  await correct(bench.raw, 'koeln', 'exclude', { from: slotAt(3), to: slotAt(9) });
  await loadDay(bench, DAY);
  expect(await polls(bench)).toEqual([
    { feed: 'bonn', polls: 12 },
    { feed: 'koeln', polls: 6 },
  ]);
  expect(await ledger(bench)).toEqual([
    { feed: 'bonn', bodies: 12, parsed: 12, unreadable: 0, surplus: 0, excluded: 0 },
    { feed: 'koeln', bodies: 12, parsed: 6, unreadable: 0, surplus: 0, excluded: 6 },
  ]);
  expect(
    await query(
      bench.url,
      `select feed, slots, outcome, reason from ops.coverage_gap where reason = 'excluded'`,
    ),
  ).toEqual([{ feed: 'koeln', slots: 6, outcome: 'failed', reason: 'excluded' }]);
  expect(
    await column(bench.url, `select count(*)::int from status_chargingpoints where id_chargingpoint = '11'`),
  ).toEqual([6]);

  const never = await openBench({ raw: bench.raw, flat: bench.flat });
  await loadDay(never, DAY);
  expect(await digest(never.url), 'a new warehouse has the same').toEqual(await digest(bench.url));

  await correct(bench.raw, 'koeln', 'include', { from: slotAt(0), to: slotAt(20) });
  await loadDay(bench, DAY);
  expect(await digest(bench.url)).toEqual(before);
});

it('shows the slots in coverage as failed, and others as they were', async () => {
  const bench = await openBench();
  await collect(bench.raw);
  await correct(bench.raw, 'koeln', 'exclude', { from: slotAt(10), to: slotAt(20) });
  const covered = async () => {
    const span = { days: [DAY], timeZone: ZONE, nowMs: end, signal: new AbortController().signal };
    return (await readCoverage(bench.raw, span)).map(({ feed, total, unexpected }) => ({
      feed,
      stored: total.stored,
      reasons: total.reasons,
      unexpected,
    }));
  };
  const expected = [
    { feed: 'bonn', stored: 12, reasons: { not_running: 132 }, unexpected: 0 },
    { feed: 'koeln', stored: 10, reasons: { excluded: 2, not_running: 132 }, unexpected: 0 },
  ];
  expect(await covered()).toEqual(expected);
  await sealFeedDay(bench.raw, 'koeln', DAY);
  expect(await covered()).toEqual(expected);
});

it.each(['exclude', 'include'] as const)('is loaded anew where answers are to %s meanwhile', async (kind) => {
  const bench = await openBench();
  await collect(bench.raw);
  if (kind === 'include') await correct(bench.raw, 'koeln', 'exclude');
  const steps = stepsOf(bench, newLoad(DAY));
  for (const step of steps) {
    if (step.name === 'publish') await correct(bench.raw, 'koeln', kind);
    const done = step.run();
    if (step.name !== 'publish') await done;
    else
      await expect(done).rejects.toMatchObject({
        type: 'LoadOutdated',
        message: expect.stringContaining('answers of koeln changed') as string,
      });
  }
});

it.each(['in the middle', 'in the index'])(
  'the other feeds of a day are loaded where the excluded feed’s sealed object is damaged %s',
  async (where) => {
    const bench = await openBench();
    await collect(bench.raw);
    await sealFeedDay(bench.raw, 'koeln', DAY);
    for await (const { key } of bench.raw.list('sealed/koeln/')) {
      const whole = await bench.raw.get(key);
      await bench.raw.put(key, where === 'in the index' ? Buffer.from('damaged') : whole.subarray(0, -20));
    }
    await expect(loadDay(bench, DAY)).rejects.toThrow('is damaged');
    await correct(bench.raw, 'koeln', 'exclude');
    await loadDay(bench, DAY);
    expect(await polls(bench)).toEqual([{ feed: 'bonn', polls: 12 }]);
    const reasons = `select feed, sum(slots)::int as slots from ops.coverage_gap where reason = 'excluded' group by feed`;
    expect(await query(bench.url, reasons)).toEqual([
      { feed: 'koeln', slots: where === 'in the index' ? 144 : 12 },
    ]);
    await correct(bench.raw, 'koeln', 'include');
    await expect(loadDay(bench, DAY)).rejects.toThrow('is damaged');
    expect(await polls(bench)).toEqual([{ feed: 'bonn', polls: 12 }]);
  },
);

it('loads nothing where a correction can’t be read, and names it', async () => {
  const bench = await openBench();
  await collect(bench.raw);
  await loadDay(bench, DAY);
  const before = await digest(bench.url);
  const { id } = await correct(bench.raw, 'koeln', 'exclude');
  const key = `corrections/koeln/${id}.json`;
  const whole = await bench.raw.get(key);
  await bench.raw.put(key, whole.subarray(0, -20));
  await expect(loadDay(bench, DAY)).rejects.toMatchObject({
    type: 'UnreadableCorrection',
    nonRetryable: true,
    message: expect.stringContaining(`${key} in the raw store is damaged`) as string,
  });
  expect(await digest(bench.url)).toEqual(before);
  await bench.raw.put(key, whole);
  await loadDay(bench, DAY);
  expect(await polls(bench)).toEqual([{ feed: 'bonn', polls: 12 }]);
});
