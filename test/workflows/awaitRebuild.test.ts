import type { Client, WorkflowHandle } from '@temporalio/client';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { addDays, dayBounds, slotsOfDay } from '../../src/domain/day.js';
import { runActivity } from '../activities/support/runActivity.js';
import { DAY, envelope, point, putPoll, station, ZONE } from '../cleaning/support/polls.js';
import { openTestClient } from '../support/temporal.js';
import { openEarlierForm } from '../warehouse/support/earlierForm.js';
import { activitiesOf, type LoadBench, loadDay, openBench } from '../warehouse/support/loads.js';
import { column, digest } from '../warehouse/support/query.js';
import { startRun } from './support/runs.js';

const NEXT = addDays(DAY, 1);
/** An instant on the day after both days. */
const NOW_MS = dayBounds(NEXT, ZONE).end + 3_600_000;

let client: Client;
beforeAll(async () => {
  client = await openTestClient();
  return () => client.connection.close();
});

let earlier: LoadBench;
let activities: LoadBench['activities'];
beforeEach(async () => {
  const bench = await openBench();
  await put(bench, DAY);
  await loadDay(bench, DAY);
  earlier = await openEarlierForm(bench);
  await put(bench, NEXT);
  activities = activitiesOf({ ...earlier, now: () => NOW_MS, lookAgainMs: 200 });
});

async function put({ raw }: Pick<LoadBench, 'raw'>, day: string): Promise<void> {
  for (const slot of slotsOfDay(day, ZONE, 10).slice(0, 3))
    await putPoll(raw, { slot, body: envelope(slot, [station('1', [point('11')])]) });
}

/** Return why a workflow run's activity is retried; "" when none is. */
async function waitsFor(run: WorkflowHandle): Promise<string> {
  const { raw } = await run.describe();
  return raw.pendingActivities?.[0]?.lastFailure?.message ?? '';
}

it('loads wait for the rebuild of a warehouse that stores facts as rows, say so, and go on after it', async () => {
  const before = await digest(earlier.url);
  const load = await startRun(client, 'loadDay', activities, { day: NEXT });
  const recent = await startRun(client, 'loadRecent', activities, {});
  const reload = await startRun(client, 'reloadChanged', activities, {});
  for (const run of [load, recent, reload])
    await expect.poll(() => waitsFor(run), { timeout: 30_000 }).toMatch(/loads wait.*"ladepuls rebuild"/);
  expect(await digest(earlier.url)).toEqual(before);
  expect(await column(earlier.url, `select nspname from pg_namespace where nspname ~ '^staging_'`)).toEqual(
    [],
  );

  const rebuild = await startRun(client, 'rebuildWarehouse', activities, {});
  expect(await rebuild.result()).toEqual({
    days: 2,
    broughtOver: [],
    notRecreated: [],
    notRecreatedTotal: 0,
  });
  expect(await load.result()).toMatchObject({ day: NEXT, polls: 3, chargingPointFacts: 3 });
  await recent.result();
  expect(await reload.result()).toMatchObject({ notLoaded: {} });
  expect(
    await column(earlier.url, 'select distinct day::text from status_chargingpoints order by 1'),
  ).toEqual([DAY, NEXT]);
});

it('facts do not leave for the archive while the warehouse awaits its rebuild', async () => {
  const steps = activitiesOf({ ...earlier, retentionMonths: 1 });
  expect(await runActivity(steps.planArchive)).toEqual({ days: [] });
  expect(await runActivity(steps.archiveDay, { day: DAY })).toEqual({ facts: 0 });
});
