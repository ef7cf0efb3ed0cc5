import type { WorkflowHandle } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time.js';

/** When an activity of a run was wanted, begun and done, milliseconds since the epoch, and by which process. */
export interface ActivityTimes {
  activity: string;
  scheduledMs: number;
  startedMs: number;
  closedMs: number;
  pid: number;
}

/** What became of a run's activities that are over, in the order in which these were wanted. */
export async function activityTimes(run: WorkflowHandle): Promise<ActivityTimes[]> {
  const events = (await run.fetchHistory()).events ?? [];
  const at = (id: unknown) => events.find(({ eventId }) => String(eventId) === String(id));
  return events.flatMap((event) => {
    const closed =
      event.activityTaskCompletedEventAttributes ??
      event.activityTaskFailedEventAttributes ??
      event.activityTaskCanceledEventAttributes;
    if (!closed) return [];
    const [scheduled, started] = [at(closed.scheduledEventId), at(closed.startedEventId)];
    return {
      activity: scheduled?.activityTaskScheduledEventAttributes?.activityType?.name ?? '',
      scheduledMs: tsToMs(scheduled?.eventTime),
      startedMs: tsToMs(started?.eventTime),
      closedMs: tsToMs(event.eventTime),
      pid: Number.parseInt(started?.activityTaskStartedEventAttributes?.identity ?? '', 10),
    };
  });
}

/** How many of them were under way at once, at most. */
export function mostAtOnce(activities: readonly ActivityTimes[]): number {
  const changes = activities
    .flatMap(({ startedMs, closedMs }) => [
      { atMs: startedMs, by: 1 },
      { atMs: closedMs, by: -1 },
    ])
    // One that begins in the millisecond in which another ends follows it.
    .sort((a, b) => a.atMs - b.atMs || a.by - b.by);
  let [now, most] = [0, 0];
  for (const { by } of changes) most = Math.max(most, (now += by));
  return most;
}
