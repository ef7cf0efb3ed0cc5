import pg from 'pg';
import type { Installation } from '../src/installation.js';
import { QUEUES } from '../src/workflows/names.js';

/** Seconds that a load took: as a whole, and its two halves. */
export interface LoadTimes {
  whole: number;
  cleaning: number;
  loading: number;
}

/** Loads a day through the workflow and takes the times from its history. */
export async function loadOnce(parts: Installation, day: string): Promise<LoadTimes> {
  const client = await parts.client();
  const handle = await client.workflow.start('loadDay', {
    taskQueue: QUEUES.load,
    workflowId: `bench-${day}-${Date.now()}`,
    args: [{ day, reason: 'bench' }],
  });
  await handle.result();
  const { events = [] } = await handle.fetchHistory();
  const times = (events ?? []).map(
    ({ eventTime }) => Number(eventTime?.seconds ?? 0) + (eventTime?.nanos ?? 0) / 1e9,
  );
  const scheduled = (events ?? []).flatMap((event, index) => {
    const name = event.activityTaskScheduledEventAttributes?.activityType?.name;
    return name ? [{ name, at: times[index] ?? NaN }] : [];
  });
  const start = times[0] ?? NaN;
  const end = times.at(-1) ?? NaN;
  const compared = scheduled.find(({ name }) => name === 'compareFeeds')?.at ?? NaN;
  return { whole: end - start, cleaning: compared - start, loading: end - compared };
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
