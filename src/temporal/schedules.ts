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

/** What the schedules follow from. */
export type ScheduleSettings = Slice<'polling.intervalMinutes' | 'loading.everyMinutes' | 'general.timeZone'>;

/** The schedules that there should be by the settings. */
export function scheduleIds({ loading }: Pick<ScheduleSettings, 'loading'>): string[] {
  const { loadRecent, ...always } = SCHEDULES;
  return [...Object.values(always), ...(loading.everyMinutes === undefined ? [] : [loadRecent])];
}

/** The instant of the daily load, local: 02:30 does not exist on one day a year, 04:10 always does. */
const LOAD_AT = { hour: 4, minute: 10 };

/** The instant by which a day is loaded, on the local day after it. Milliseconds since the epoch. */
export function loadInstant(day: Day, timeZone: string): number {
  return DateTime.fromISO(addDays(day, 1), { zone: timeZone }).set(LOAD_AT).toMillis();
}

/** A poll can't be caught up: the feed only knows now. */
const acquireCatchupMs = (intervalMinutes: number) => Math.max(10_000, intervalMinutes * 30_000);
/** A day can be loaded whenever the server is back. */
const LOAD_CATCHUP = '30 days';

/** What is loaded during the day comes after the polls of the slot before. */
const LOAD_RECENT_OFFSET_MS = 60_000;

const RELOAD_EVERY_MINUTES = 30;
/** Beside the whole and half hours, at which most others fire. */
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
    staticSummary: 'published days of which answers came later',
  },
  // One that waits begins as soon as the one before ends.
  policies: { overlap: ScheduleOverlapPolicy.BUFFER_ONE, catchupWindow: RELOAD_EVERY_MINUTES * 60_000 },
};

/** The schedules as they should be by the settings. */
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
        staticSummary: 'the local day before',
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
      staticSummary: 'what was polled since the last publication',
    },
    // The next one adds what this one would have.
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: everyMinutes * 60_000 },
  };
}

/**
 * Creates the schedules, or updates those that are there; whether they are paused stays. One that the settings no longer
 * ask for goes.
 *
 * @param ids which of them; absent: all
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
 * Starts the run of the slot that is under way, so that the first poll does not wait for the next one. It has the
 * workflow id that the schedule gives that slot's run: so of both, also of the schedule's own catching up, there is
 * one at a time.
 *
 * @param nowMs milliseconds since the epoch
 * @returns whether a run was started: not where one is under way, the slot is as good as over, or the schedule is paused
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
      staticSummary: 'the slot under way when collecting began',
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

/** A schedule as it stands on the server. Instants are ISO. */
export interface ScheduleReport {
  id: string;
  state: 'active' | 'paused' | 'absent';
  /** When it acts next; null where it does not. */
  next: string | null;
  /** The instant that its latest run was meant for, and that run's workflow id. */
  last: string | null;
  lastRun: string | null;
}

/** How schedules stand. One that was never applied is `absent`. */
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

/** Pauses schedules, or has them act again. Throws an Error where one was never applied. */
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

/** When the next day is loaded; null while that schedule is paused. */
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
