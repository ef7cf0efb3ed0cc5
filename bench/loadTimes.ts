import pg from 'pg';
import type { Installation } from '../src/installation.js';
import { QUEUES } from '../src/workflows/names.js';

/** Seconds that a load took: until readers could see it, and the two halves of that; and its sealing behind it. */
export interface LoadTimes {
  whole: number;
  cleaning: number;
  loading: number;
  sealing: number;
}

/** Loads a day through the workflow and takes the times from its history. */
export async function loadOnce(
  parts: Installation,
  day: string,
): Promise<LoadTimes & { workflowId: string }> {
  const client = await parts.client();
  const handle = await client.workflow.start('loadDay', {
    taskQueue: QUEUES.load,
    workflowId: `bench-${day}-${Date.now()}`,
    args: [{ day, reason: 'bench' }],
  });
  await handle.result();
  const { events = [] } = await handle.fetchHistory();
  const moments = (events ?? []).map(({ eventTime, ...event }) => ({
    at: Number(eventTime?.seconds ?? 0) + (eventTime?.nanos ?? 0) / 1e9,
    begun: event.activityTaskScheduledEventAttributes?.activityType?.name,
  }));
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

/** Loads a day that the warehouse does not have, as every night does: an earlier round's facts go first. */
export async function loadFirst(parts: Installation, day: string): Promise<LoadTimes> {
  const warehouse = new pg.Client({ connectionString: parts.databaseUrl });
  await warehouse.connect();
  const suffix = day.replaceAll('-', '');
  await warehouse.query(
    `drop table if exists observation.charging_point_${suffix}, observation.connector_${suffix}`,
  );
  await warehouse.end();
  return loadOnce(parts, day);
}
