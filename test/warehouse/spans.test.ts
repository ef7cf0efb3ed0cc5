import { beforeAll, describe, expect, it } from 'vitest';
import { slotsOfDay } from '../../src/domain/day.js';
import type { Slot } from '../../src/domain/slot.js';
import { DAY, envelope, FEED, point, putPoll, slotAt, station, ZONE } from '../cleaning/support/polls.js';
import { type LoadBench, loadDay, makeBench, newLoad, openBench, stepsOf } from './support/loads.js';
import { column, digest, query } from './support/query.js';
import { addOrReplace } from './support/recent.js';

/** Status of a charging point in a slot; null if the poll lacks the charging point. */
type Shown = string | null;

/** Store a poll of one station with the charging point 11, and 12, which is always shown. */
async function show(bench: LoadBench, slot: Slot, shown: Shown, fields: Record<string, unknown> = {}) {
  const points = [point('12'), ...(shown === null ? [] : [point('11', shown, fields)])];
  return putPoll(bench.raw, { slot, body: envelope(slot, [station('1', points)]) });
}

/** Return the status spans of charging point 11, as `status from–to`, with the numbers of the day's slots. */
async function spans(bench: LoadBench, id = '11'): Promise<unknown[]> {
  return column(
    bench.url,
    `select status_cp || coalesce('/' || status_parkingsensor, '') || ' ' ||
       extract(epoch from first_slot - day_start) / 600 || '–' || extract(epoch from last_slot - day_start) / 600
     from observation.charging_point_span cross join (select day::timestamp at time zone '${ZONE}' as day_start, day as of_day
       from (select distinct day from observation.charging_point_span) days) start
     where of_day = day and id_chargingpoint = '${id}' order by first_slot`,
  );
}

const facts = (bench: LoadBench) =>
  column(
    bench.url,
    `select status_cp || ' ' || extract(epoch from slot - '${DAY}'::timestamp at time zone '${ZONE}') / 600
     from status_chargingpoints where id_chargingpoint = '11' order by slot`,
  );

const trimmed = (texts: unknown[]) => texts.map((text) => String(text).replaceAll(/\.0+(?!\d)/g, ''));

describe('a status span', () => {
  it('covers consecutive polls with one status and one parking sensor, and splits where one of them changes', async () => {
    const bench = await openBench();
    const day: [Shown, Record<string, unknown>?][] = [
      ['AVAILABLE'],
      ['AVAILABLE'],
      ['CHARGING'],
      ['CHARGING', { parkingsensor_status: 'OCCUPIED' }],
      ['CHARGING', { parkingsensor_status: 'OCCUPIED' }],
    ];
    for (const [at, [shown, fields]] of day.entries()) await show(bench, slotAt(at), shown, fields);
    await loadDay(bench, DAY);
    expect(trimmed(await spans(bench))).toEqual(['AVAILABLE 0–1', 'CHARGING 2–2', 'CHARGING/OCCUPIED 3–4']);
    expect(trimmed(await facts(bench))).toEqual([
      'AVAILABLE 0',
      'AVAILABLE 1',
      'CHARGING 2',
      'CHARGING 3',
      'CHARGING 4',
    ]);
  });

  it('goes over a slot without a poll, and not over a poll without the charging point', async () => {
    const bench = await openBench();
    for (const at of [0, 2]) await show(bench, slotAt(at), 'AVAILABLE');
    await show(bench, slotAt(3), null);
    await show(bench, slotAt(4), 'AVAILABLE');
    await loadDay(bench, DAY);
    expect(trimmed(await spans(bench))).toEqual(['AVAILABLE 0–2', 'AVAILABLE 4–4']);
    expect(trimmed(await facts(bench))).toEqual(['AVAILABLE 0', 'AVAILABLE 2', 'AVAILABLE 4']);
  });

  it.each<[string, Shown, string[], string[]]>([
    ['confirms', 'AVAILABLE', ['AVAILABLE 0–2'], ['AVAILABLE 0', 'AVAILABLE 1', 'AVAILABLE 2']],
    [
      'splits',
      'CHARGING',
      ['AVAILABLE 0–0', 'CHARGING 1–1', 'AVAILABLE 2–2'],
      ['AVAILABLE 0', 'CHARGING 1', 'AVAILABLE 2'],
    ],
    ['interrupts', null, ['AVAILABLE 0–0', 'AVAILABLE 2–2'], ['AVAILABLE 0', 'AVAILABLE 2']],
  ])(
    'that a later poll %s is what it would be if that poll had come in time',
    async (_, shown, made, seen) => {
      const bench = await openBench();
      for (const at of [0, 2]) await show(bench, slotAt(at), 'AVAILABLE');
      await loadDay(bench, DAY);
      expect(trimmed(await spans(bench))).toEqual(['AVAILABLE 0–2']);
      await show(bench, slotAt(1), shown);
      await loadDay(bench, DAY);
      expect([trimmed(await spans(bench)), trimmed(await facts(bench))]).toEqual([made, seen]);
    },
  );

  it('belongs to one feed where two show a charging point by turns', async () => {
    const bench = await openBench();
    for (const at of [0, 1, 2, 3]) {
      // Each poll also shows two charging points of its own, because a poll counts for nobody if more than half of it
      // belongs to another feed.
      const [feed, own] = at % 2 === 0 ? [FEED, '2'] : ['bonn', '3'];
      const others = station(own, [point(`${own}1`), point(`${own}2`)]);
      const body = envelope(slotAt(at), [station('1', [point('11')]), others]);
      await putPoll(bench.raw, { slot: slotAt(at), body, feed });
    }
    await loadDay(bench, DAY);
    expect(trimmed(await spans(bench))).toEqual([0, 1, 2, 3].map((at) => `AVAILABLE ${at}–${at}`));
    expect(trimmed(await facts(bench))).toEqual([0, 1, 2, 3].map((at) => `AVAILABLE ${at}`));
  });

  it.each([
    ['2022-03-27', 138],
    ['2022-01-11', 144],
    ['2022-10-30', 150],
  ])('of all of %s covers %i polls, also where the day was cleaned in chunks', async (day, polls) => {
    const bench = await openBench();
    for (const slot of slotsOfDay(day, ZONE, 10)) await show(bench, slot, 'AVAILABLE');
    await loadDay(bench, day);
    expect(
      await query(bench.url, 'select count(*)::int as spans from observation.charging_point_span'),
    ).toEqual([{ spans: 2 }]);
    expect(
      await query(
        bench.url,
        `select count(*)::int as facts, count(distinct id_status_cp)::int as keys from status_chargingpoints
         where id_chargingpoint = '11' and day = '${day}'`,
      ),
    ).toEqual([{ facts: polls, keys: polls }]);
  });

  it('of a day with one poll has one fact', async () => {
    const bench = await openBench();
    await show(bench, slotAt(7), 'CHARGING');
    await loadDay(bench, DAY);
    expect(trimmed(await spans(bench))).toEqual(['CHARGING 7–7']);
    expect(trimmed(await facts(bench))).toEqual(['CHARGING 7']);
  });
});

describe('an addition to the day', () => {
  const POLLS = 30;
  let bench: LoadBench;
  let added: Record<string, string>;
  const shownAt = (at: number) => (at < 10 ? 'AVAILABLE' : at < 24 ? 'CHARGING' : 'AVAILABLE');

  beforeAll(async () => {
    const made = await makeBench();
    bench = made;
    let loaded = 0;
    let revision: number | undefined;
    for (const until of [6, 12, 18, 24, POLLS]) {
      for (let at = loaded; at < until; at++) await show(bench, slotAt(at), shownAt(at));
      const window = { from: slotAt(loaded), to: slotAt(until) };
      const addsTo = revision === undefined ? {} : { addsTo: revision };
      await addOrReplace(bench, { day: DAY, dayStart: slotAt(0), window, ...addsTo });
      revision = Number((await column(bench.url, 'select max(revision) from ops.day_revision'))[0]);
      loaded = until;
    }
    added = await digest(bench.url, DAY);
    return made.remove;
  }, 60_000);

  it('extends the spans that go on, in their pages, and inserts the others', async () => {
    expect(trimmed(await spans(bench))).toEqual(['AVAILABLE 0–9', 'CHARGING 10–23', 'AVAILABLE 24–29']);
    // Wait, because the session that did the work reports its statistics later.
    const counted = () =>
      query(
        bench.url,
        `select n_tup_upd::int as updates, n_tup_hot_upd::int as hot, n_tup_del::int as deletes
         from pg_stat_user_tables where relname = 'charging_point_span'`,
      );
    await expect.poll(counted, { timeout: 30_000 }).toEqual([{ updates: 7, hot: 7, deletes: 0 }]);
  });

  it('is changed in no row by the load of the whole day', async () => {
    await loadDay(bench, DAY);
    expect(await digest(bench.url, DAY)).toEqual(added);
    expect(trimmed(await spans(bench))).toEqual(['AVAILABLE 0–9', 'CHARGING 10–23', 'AVAILABLE 24–29']);
  });
});

it('a vacuum that is killed behind a publication loses nothing, and the publication is found again', async () => {
  const bench = await openBench();
  for (const at of [0, 1]) await show(bench, slotAt(at), 'AVAILABLE');
  // A pause of a tenth of a second for each page makes the vacuum slow enough to be killed with certainty.
  const [name] = await column(bench.url, 'select quote_ident(current_database())');
  await query(
    bench.url,
    `alter database ${String(name)} set vacuum_cost_delay = 100`,
    `alter database ${String(name)} set vacuum_cost_limit = 1`,
  );
  const steps = stepsOf(bench, newLoad(DAY));
  const publish = steps.pop() ?? expect.fail();
  for (const step of steps) await step.run();
  const publishing = publish.run().then(
    () => 'published',
    () => 'failed',
  );
  await expect.poll(() => column(bench.url, KILL_VACUUM), { interval: 5, timeout: 30_000 }).toEqual([true]);
  expect(await publishing).toBe('failed');
  expect(await publish.run()).toMatchObject({ revision: 1, chargingPointFacts: 4 });
  expect(trimmed(await facts(bench))).toEqual(['AVAILABLE 0', 'AVAILABLE 1']);
});

const KILL_VACUUM = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and state = 'active' and query like 'vacuum%'`;
