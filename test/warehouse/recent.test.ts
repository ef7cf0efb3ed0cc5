import { beforeEach, expect, it } from 'vitest';
import { addDays, dayBounds } from '../../src/domain/day.js';
import { putCorrection, readCorrections } from '../../src/stores/corrections.js';
import { runActivity } from '../activities/support/runActivity.js';
import { DAY, envelope, point, putPoll, slotAt, station, ZONE } from '../cleaning/support/polls.js';
import { activitiesOf, type LoadBench, loadDay, newLoad, openBench, stepsOf } from './support/loads.js';
import { addOrReplace } from './support/recent.js';
import { column, digest, digestWithoutHours, query } from './support/query.js';

const { start: DAY_START, end: DAY_END } = dayBounds(DAY, ZONE);

let bench: LoadBench;
let nowMs: number;
beforeEach(async () => {
  const made = await openBench();
  nowMs = 0;
  bench = { ...made, activities: activitiesOf({ ...made, now: () => nowMs }) };
});

const poll = (index: number, feed = 'koeln', points = ['11', '12']) =>
  putPoll(bench.raw, {
    feed,
    slot: slotAt(index),
    body: envelope(slotAt(index), [
      station(
        feed === 'koeln' ? '1' : '2',
        points.map((id) => point(id)),
      ),
    ]),
  });

/** Plan the recent loads half a minute after a slot of the day has begun. */
async function planAt(index: number) {
  nowMs = DAY_START + index * 600_000 + 30_000;
  return runActivity(bench.activities.planRecent);
}

async function loadRecentAt(index: number): Promise<boolean[]> {
  const planned: boolean[] = [];
  for (const load of await planAt(index)) planned.push(await addOrReplace(bench, load));
  return planned;
}

const window = (from: number, to: number) => ({
  from: DAY_START + from * 600_000,
  to: DAY_START + to * 600_000,
});
const revisions = () =>
  query(
    bench.url,
    `select revision, extract(epoch from loaded_until)::float8 * 1000 as until from ops.day_revision order by 1`,
  );

it('only slots that are over are added, each once, and what was not polled is no hindrance', async () => {
  expect(await planAt(6)).toEqual([]);
  for (const index of [0, 1, 2]) await poll(index);
  const plan = { day: DAY, dayStart: DAY_START };
  expect(await planAt(2)).toEqual([{ ...plan, window: window(0, 2) }]);
  expect(await loadRecentAt(2)).toEqual([true]);
  expect(await planAt(2)).toEqual([]);
  expect(await planAt(4)).toEqual([{ ...plan, window: window(2, 4), addsTo: 1 }]);
  expect(await loadRecentAt(4)).toEqual([true]);
  expect(await loadRecentAt(8)).toEqual([]);
  await poll(8);
  expect(await loadRecentAt(10)).toEqual([true]);
  expect(await revisions()).toEqual([
    { revision: 1, until: window(0, 2).to },
    { revision: 2, until: window(0, 4).to },
    { revision: 3, until: window(0, 10).to },
  ]);
  expect(await column(bench.url, 'select slot from ops.poll order by 1')).toEqual(
    [0, 1, 2, 8].map((index) => new Date(slotAt(index))),
  );
  const spans = 'select polls from ops.charging_point_content_span order by id_cp, first_slot';
  expect(await column(bench.url, spans)).toEqual([4, 4]);
});

it('after midnight, the end of the day is added that was loaded during the day; one that was not is the night’s', async () => {
  for (const index of [0, 143]) await poll(index);
  expect(await planAt(144)).toEqual([]);
  expect(await loadRecentAt(3)).toEqual([true]);
  const plan = { day: DAY, dayStart: DAY_START, window: window(3, 144), addsTo: 1 };
  expect(plan.window.to).toBe(DAY_END);
  expect(await planAt(144)).toEqual([plan]);
  await putPoll(bench.raw, { slot: DAY_END, body: envelope(DAY_END, []) });
  expect((await planAt(145)).map(({ day }) => day)).toEqual([DAY, addDays(DAY, 1)]);
  expect(await loadRecentAt(145)).toEqual([true, true]);
  expect(await planAt(145)).toEqual([]);
  const added = await digest(bench.url, DAY);
  await loadDay(bench, DAY);
  expect(await digest(bench.url, DAY)).toEqual(added);
  expect(await planAt(150)).toEqual([]);
});

it('a day whose earlier answers have changed is loaded from its beginning', async () => {
  await poll(0);
  await poll(3);
  await loadRecentAt(4);
  await poll(2);
  await poll(5);
  const whole = { day: DAY, dayStart: DAY_START, window: window(0, 6) };
  expect(await planAt(6)).toEqual([whole]);
  expect(await loadRecentAt(6)).toEqual([true]);
  expect(await column(bench.url, 'select count(*)::int from ops.poll')).toEqual([4]);
});

it('a day whose earlier answers were excluded, or included again, is loaded from its beginning', async () => {
  for (const index of [0, 1, 2]) await poll(index);
  await poll(1, 'bonn');
  await loadRecentAt(3);
  const whole = { day: DAY, dayStart: DAY_START, window: window(0, 3) };
  const counts = () => column(bench.url, 'select count(*)::int from ops.poll');
  for (const [kind, polls] of [
    ['exclude', 2],
    ['include', 4],
  ] as const) {
    const earlier = (await readCorrections(bench.raw)).of('koeln');
    const correction = { kind, feed: 'koeln', reason: 'wrong', by: 'me@host', ...window(1, 100) };
    await putCorrection(bench.raw, correction, { earlier, nowMs });
    expect(await planAt(3)).toEqual([whole]);
    expect(await loadRecentAt(3)).toEqual([true]);
    expect(await counts()).toEqual([polls]);
    expect(await planAt(3)).toEqual([]);
  }
});

it('a day that was loaded as a whole meanwhile is loaded from its beginning, and then added to', async () => {
  await poll(0);
  await loadDay(bench, DAY);
  await poll(1);
  expect(await planAt(2)).toEqual([{ day: DAY, dayStart: DAY_START, window: window(0, 2) }]);
  await loadRecentAt(2);
  await poll(2);
  expect(await planAt(3)).toMatchObject([{ addsTo: 2 }]);
});

it('where two feeds show one charging point, the day is loaded from its beginning, and it is the first one’s in all slots', async () => {
  for (const index of [0, 1]) await poll(index);
  await loadRecentAt(2);
  for (const index of [2, 3, 4]) await poll(index, 'bonn', ['12', '21']);
  expect(await loadRecentAt(5)).toEqual([false]);
  const added = await digestWithoutHours(bench.url);
  await loadDay(bench, DAY);
  expect(await digestWithoutHours(bench.url)).toEqual(added);
});

it('an addition is not published where the day is another one by then, or where its answers came late', async () => {
  for (const index of [0, 1]) await poll(index);
  await loadRecentAt(1);
  const [planned = expect.fail()] = await planAt(2);
  const [first, second, third] = [1, 2, 3].map(() => stepsOf(bench, { ...newLoad(DAY), ...planned }));
  for (const steps of [first, second]) for (const step of steps?.slice(0, -1) ?? []) await step.run();
  await first?.at(-1)?.run();
  const published = await digest(bench.url);
  await expect(second?.at(-1)?.run()).rejects.toMatchObject({ type: 'LoadOutdated', nonRetryable: true });
  for (const step of third ?? []) await step.run().catch(() => null);
  expect(await digest(bench.url)).toEqual(published);

  await poll(2);
  const [next = expect.fail()] = await planAt(3);
  const steps = stepsOf(bench, { ...newLoad(DAY), ...next });
  for (const step of steps.slice(0, -1)) await step.run();
  await poll(0, 'bonn', ['31']);
  await expect(steps.at(-1)?.run()).rejects.toMatchObject({ type: 'LoadOutdated' });
  expect(await digest(bench.url)).toEqual(published);
});
