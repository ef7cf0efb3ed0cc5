import {
  type Client,
  type ScheduleHandle,
  ScheduleNotFoundError,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import type { AcquireSlotInput } from './workflows/acquireSlot.js';
import { QUEUES, SCHEDULES } from './workflows/names.js';

export interface ScheduleSettings {
  intervalMinutes: number;
  timeZone: string;
}

/** The instant of the daily load, local: 02:30 does not exist on one day a year, 04:10 always does. */
export const LOAD_AT = { hour: 4, minute: 10 };

/** A poll can't be caught up: the feed only knows now. */
const acquireCatchupMs = (intervalMinutes: number) => Math.max(10_000, intervalMinutes * 30_000);
/** A day can be loaded whenever the server is back. */
const LOAD_CATCHUP = '30 days';

/** Both schedules, as they should be by the settings. */
function schedules({ intervalMinutes, timeZone }: ScheduleSettings): ScheduleOptions[] {
  return [
    {
      scheduleId: SCHEDULES.acquire,
      spec: { intervals: [{ every: intervalMinutes * 60_000 }] },
      action: {
        type: 'startWorkflow',
        workflowType: 'acquireSlot',
        workflowId: 'acquireSlot',
        taskQueue: QUEUES.acquire,
        args: [{ intervalMinutes } satisfies AcquireSlotInput],
        staticSummary: `every feed, every ${intervalMinutes} minutes`,
      },
      policies: {
        overlap: ScheduleOverlapPolicy.ALLOW_ALL,
        catchupWindow: acquireCatchupMs(intervalMinutes),
      },
    },
    {
      scheduleId: SCHEDULES.loadDay,
      spec: { calendars: [LOAD_AT], timezone: timeZone },
      action: {
        type: 'startWorkflow',
        workflowType: 'loadDay',
        workflowId: 'loadDay',
        taskQueue: QUEUES.load,
        args: [],
        staticSummary: 'the local day before',
      },
      policies: { overlap: ScheduleOverlapPolicy.ALLOW_ALL, catchupWindow: LOAD_CATCHUP },
    },
  ];
}

/** Creates the schedules, or updates those that are there; whether they are paused stays. */
export async function applySchedules(client: Client, settings: ScheduleSettings): Promise<void> {
  for (const options of schedules(settings)) {
    const handle = client.schedule.getHandle(options.scheduleId);
    if (await exists(handle)) {
      await handle.update((previous) => ({
        ...previous,
        spec: options.spec,
        action: options.action,
        policies: { ...previous.policies, ...options.policies },
      }));
    } else {
      await client.schedule.create(options);
    }
  }
}

async function exists(handle: ScheduleHandle): Promise<boolean> {
  try {
    await handle.describe();
    return true;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return false;
    throw error;
  }
}
