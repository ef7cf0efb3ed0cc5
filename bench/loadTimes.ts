import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import pg from 'pg';
import type { Installation } from '../src/app/installation.js';
import { QUEUES } from '../src/temporal/names.js';

const POLL_MS = 2_000;

/**
 * Durations of a load, in seconds.
 *
 * - `whole`: from the start until readers see the day; the sum of `cleaning` and `loading`.
 * - `sealing`: from then until the end of the workflow.
 */
export interface LoadTimes {
  whole: number;
  cleaning: number;
  loading: number;
  sealing: number;
}

/**
 * Load a day by its workflow, and read the durations from the workflow's history.
 *
 * @param seals whether the day is sealed; else the workflow is terminated once the day is published
 */
export async function loadOnce(
  installation: Installation,
  day: string,
  { seals = true } = {},
): Promise<LoadTimes & { workflowId: string }> {
  const client = await installation.client();
  const handle = await client.workflow.start('loadDay', {
    taskQueue: QUEUES.load,
    workflowId: `bench-${day}-${Date.now()}`,
    args: [{ day, reason: 'bench' }],
  });
  if (seals) await handle.result();
  else await endBehind(handle, 'planSealing');
  const moments = await momentsOf(handle);
  const begun = (name: string) => moments.find((moment) => moment.begun === name)?.at ?? NaN;
  const [start, end] = [moments[0]?.at ?? NaN, moments.at(-1)?.at ?? NaN];
  const [compared, published] = [begun('compareFeeds'), begun('planSealing')];
  return {
    workflowId: handle.workflowId,
    whole: published - start,
    cleaning: compared - start,
    loading: published - compared,
    sealing: end - published,
  };
}

/** Read a history's events: the time of each in seconds, and the activity that it scheduled, if any. */
async function momentsOf(
  handle: WorkflowHandle,
): Promise<{ at: number; begun: string | null | undefined }[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).map(({ eventTime, ...event }) => ({
    at: Number(eventTime?.seconds ?? 0) + (eventTime?.nanos ?? 0) / 1e9,
    begun: event.activityTaskScheduledEventAttributes?.activityType?.name,
  }));
}

/**
 * Wait until an activity is scheduled, then terminate the workflow.
 *
 * @throws Error when the workflow ends without having scheduled the activity
 */
async function endBehind(handle: WorkflowHandle, activity: string): Promise<void> {
  while (!(await momentsOf(handle)).some(({ begun }) => begun === activity)) {
    const { status } = await handle.describe();
    if (status.name !== 'RUNNING') throw new Error(`the load ended without ${activity}: ${status.name}`);
    await sleep(POLL_MS);
  }
  await handle.terminate('the bench has seen enough');
}

/** Load a day that the warehouse does not have, as each night does. First, delete the day's rows of earlier rounds. */
export async function loadFirst(installation: Installation, day: string): Promise<LoadTimes> {
  const warehouse = new pg.Client({ connectionString: installation.databaseUrl });
  await warehouse.connect();
  await removeDay(warehouse, day).finally(() => warehouse.end());
  return loadOnce(installation, day);
}

/** Delete every row of the day from the warehouse, and vacuum the tables. Dimensions are not changed. */
async function removeDay(warehouse: pg.Client, day: string): Promise<void> {
  const { rows: tables } = await warehouse.query<{ name: string }>(
    `select format('%I.%I', nspname, relname) as name
     from pg_class join pg_namespace on pg_namespace.oid = relnamespace
     join pg_attribute on attrelid = pg_class.oid and attname = 'day' and atttypid = 'date'::regtype
     where relkind in ('r', 'p') and not relispartition and nspname in ('observation', 'ops', 'public')`,
  );
  for (const { name } of tables) await warehouse.query(`delete from ${name} where day = $1`, [day]);
  await warehouse.query(`vacuum analyze ${tables.map(({ name }) => name).join(', ')}`);
}
