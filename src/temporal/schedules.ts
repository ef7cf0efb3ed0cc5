import {
  type Client,
  type ScheduleHandle,
  ScheduleNotFoundError,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/client';
import { DateTime } from 'luxon';
import { addDays, type Day } from '../domain/day.js';
import { pollDeadline, slotOf } from '../domain/slot.js';
import type { Slice } from '../settings/slice.js';
import { type AcquireSlotInput, QUEUES, SCHEDULES } from './names.js';

/** The settings that determine the schedules. */
export type ScheduleSettings = Slice<'polling.intervalMinutes' | 'loading.everyMinutes' | 'general.timeZone'>;

/** The ids of the schedules that the settings ask for. */
export function scheduleIds({ loading }: Pick<ScheduleSettings, 'loading'>): string[] {
  const { loadRecent, ...always } = SCHEDULES;
  return [...Object.values(always), ...(loading.everyMinutes === undefined ? [] : [loadRecent])];
}

/**
 * Local time at which a day is loaded. 04:10 exists on every day, unlike 02:30, which is skipped when summer time
 * begins.
 */
const LOAD_AT = { hour: 4, minute: 10 };

/** The instant at which a day is loaded: {@link LOAD_AT} on the next local day. Milliseconds since the epoch. */
export function loadInstant(day: Day, timeZone: string): number {
  return DateTime.fromISO(addDays(day, 1), { zone: timeZone }).set(LOAD_AT).toMillis();
}

/** Half an interval: a missed poll can't be made up for later, because a feed tells only its current state. */
const acquireCatchupMs = (intervalMinutes: number) => Math.max(10_000, intervalMinutes * 30_000);
/** A day can still be loaded when the server is available again. */
const LOAD_CATCHUP = '30 days';

/** Loads of the current day start one minute after a slot begins, when the polls of the slot before have ended. */
const LOAD_RECENT_OFFSET_MS = 60_000;

const RELOAD_EVERY_MINUTES = 30;
/** Seven minutes after the full and half hours, when most other schedules fire. */
const RELOAD_OFFSET_MS = 7 * 60_000;

const RELOAD_CHANGED: ScheduleOptions = {
  scheduleId: SCHEDULES.reloadChanged,
  spec: { intervals: [{ every: RELOAD_EVERY_MINUTES * 60_000, offset: RELOAD_OFFSET_MS }] },
  action: {
    type: 'startWorkflow',
    workflowType: 'reloadChanged',
    workflowId: 'reloadChanged',
    taskQueue: QUEUES.load,
    args: [],
    staticSummary: 'reload published days that got answers later',
  },
  // A buffered run begins as soon as the run before ends.
  policies: { overlap: ScheduleOverlapPolicy.BUFFER_ONE, catchupWindow: RELOAD_EVERY_MINUTES * 60_000 },
};

/** The schedules as the settings ask for them. */
function schedules({ polling, loading, general }: ScheduleSettings): ScheduleOptions[] {
  const { intervalMinutes } = polling;
  const recent = loading.everyMinutes === undefined ? [] : [loadRecentSchedule(loading.everyMinutes)];
  return [
    ...recent,
    RELOAD_CHANGED,
    {
      scheduleId: SCHEDULES.acquire,
      spec: { intervals: [{ every: intervalMinutes * 60_000 }] },
      action: {
        type: 'startWorkflow',
        workflowType: 'acquireSlot',
        workflowId: 'acquireSlot',
        taskQueue: QUEUES.acquire,
        args: [{ intervalMinutes } satisfies AcquireSlotInput],
        staticSummary: `every feed, every ${intervalMinutes} min`,
      },
      policies: {
        overlap: ScheduleOverlapPolicy.ALLOW_ALL,
        catchupWindow: acquireCatchupMs(intervalMinutes),
      },
    },
    {
      scheduleId: SCHEDULES.loadDay,
      spec: { calendars: [LOAD_AT], timezone: general.timeZone },
      action: {
        type: 'startWorkflow',
        workflowType: 'loadDay',
        workflowId: 'loadDay',
        taskQueue: QUEUES.load,
        args: [],
        staticSummary: 'load the previous local day',
      },
      policies: { overlap: ScheduleOverlapPolicy.ALLOW_ALL, catchupWindow: LOAD_CATCHUP },
    },
  ];
}

function loadRecentSchedule(everyMinutes: number): ScheduleOptions {
  return {
    scheduleId: SCHEDULES.loadRecent,
    spec: { intervals: [{ every: everyMinutes * 60_000, offset: LOAD_RECENT_OFFSET_MS }] },
    action: {
      type: 'startWorkflow',
      workflowType: 'loadRecent',
      workflowId: 'loadRecent',
      taskQueue: QUEUES.load,
      args: [],
      staticSummary: 'load the polls since the last publication',
    },
    // A skipped run loses nothing, because the next run loads the same polls.
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: everyMinutes * 60_000 },
  };
}

/**
 * Create the schedules, or update existing ones. Paused schedules stay paused. A schedule that the settings do not ask
 * for any more is deleted.
 *
 * @param ids the schedules to create or update; default: all
 */
export async function applySchedules(
  client: Client,
  settings: ScheduleSettings,
  ids: readonly string[] = Object.values(SCHEDULES),
): Promise<void> {
  const wanted = scheduleIds(settings);
  for (const id of ids.filter((each) => !wanted.includes(each))) await remove(client.schedule.getHandle(id));
  for (const options of schedules(settings).filter(({ scheduleId }) => ids.includes(scheduleId))) {
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

/**
 * Start the run of the current slot, so that the first poll does not wait for the next slot. The workflow id is the one
 * that the schedule gives to the run of that slot. Therefore only one of them runs at a time, also when the schedule
 * catches up.
 *
 * @param nowMs milliseconds since the epoch
 * @returns whether a run was started: false if one is running, the slot is almost over, or the schedule is paused
 */
export async function acquireNow(client: Client, intervalMinutes: number, nowMs: number): Promise<boolean> {
  const slot = slotOf(nowMs, intervalMinutes);
  const { state } = await client.schedule.getHandle(SCHEDULES.acquire).describe();
  if (state.paused || nowMs >= pollDeadline(slot, intervalMinutes)) return false;
  const instant = new Date(slot).toISOString().replace('.000Z', 'Z');
  try {
    await client.workflow.start('acquireSlot', {
      taskQueue: QUEUES.acquire,
      workflowId: `acquireSlot-${instant}`,
      args: [{ intervalMinutes, slot: instant } satisfies AcquireSlotInput],
      staticSummary: 'poll the current slot at the start of collecting',
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

/** The state of a schedule on the server. Instants are in ISO format. */
export interface ScheduleReport {
  id: string;
  state: 'active' | 'paused' | 'absent';
  /** When the schedule acts next; null if it is paused or absent. */
  next: string | null;
  /** The instant that its latest run was scheduled for, and that run's workflow id. null if none. */
  last: string | null;
  lastRun: string | null;
}

/** Describe schedules. A schedule that was never applied is `absent`. */
export async function describeSchedules(client: Client, ids: readonly string[]): Promise<ScheduleReport[]> {
  return Promise.all(ids.map((id) => describeSchedule(client, id)));
}

async function describeSchedule(client: Client, id: string): Promise<ScheduleReport> {
  try {
    const { state, info } = await client.schedule.getHandle(id).describe();
    const latest = info.recentActions.at(-1);
    return {
      id,
      state: state.paused ? 'paused' : 'active',
      next: (!state.paused && info.nextActionTimes[0]?.toISOString()) || null,
      last: latest?.scheduledAt.toISOString() ?? null,
      lastRun: latest?.action.workflow.workflowId ?? null,
    };
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    return { id, state: 'absent', next: null, last: null, lastRun: null };
  }
}

/**
 * Pause or unpause schedules.
 *
 * @throws Error when a schedule was never applied
 */
export async function pauseSchedules(client: Client, ids: readonly string[], paused: boolean): Promise<void> {
  for (const id of ids) {
    const handle = client.schedule.getHandle(id);
    try {
      await (paused ? handle.pause('by "ladepuls schedules pause"') : handle.unpause());
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
      throw new Error(`There is no schedule ${id} yet: make it with "ladepuls schedules apply".`, {
        cause: error,
      });
    }
  }
}

/** Return when the next day is loaded; null if the schedule is paused. */
export async function nextLoad(client: Client): Promise<Date | null> {
  const { state, info } = await client.schedule.getHandle(SCHEDULES.loadDay).describe();
  return state.paused ? null : (info.nextActionTimes[0] ?? null);
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

async function remove(handle: ScheduleHandle): Promise<void> {
  if (await exists(handle)) await handle.delete();
}
