import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Client,
  ScheduleOverlapPolicy,
  type WorkflowExecutionDescription,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { type Day, daysBetween, parseDay } from '../../domain/day.js';
import { applySchedules, loadInstant } from '../../temporal/schedules.js';
import { ensureSearchAttributes } from '../../temporal/searchAttributes.js';
import { namesTemporal } from '../../temporal/client.js';
import { SCHEDULES } from '../../temporal/names.js';
import { CommandFailed, type Context } from '../context/context.js';
import { loadDays } from '../loads/loadDays.js';

/** Interval at which to look for the workflow run that the schedule starts. */
const LOOK_EVERY_MS = 50;
/** Time limit for the schedule to start the workflow run. After it, the command fails. */
const RUN_TIMEOUT_MS = 60_000;

export interface BackfillOptions {
  from: string;
  to: string;
  json?: boolean;
}

/**
 * Load days through the backfill of the schedule `load-day`, and wait for the loads (`ladepuls backfill`).
 * The schedule gets a few days at a time, so that the command can be stopped at any day.
 *
 * @throws CommandFailed when a day was not loaded, or is not due yet
 */
export async function backfill(context: Context, options: BackfillOptions): Promise<void> {
  const { config, env, signal } = context;
  checkIsDue(parseDay(options.to), config.general.timeZone);
  const days = daysBetween(parseDay(options.from), options.to);
  // One request at a time, because the schedule may carry out only the last of several simultaneous backfill requests.
  let latest: Promise<unknown> = Promise.resolve();
  const inTurn = (work: () => Promise<WorkflowHandle>): Promise<WorkflowHandle> => {
    const turn = latest.then(work);
    latest = turn.catch(() => undefined);
    return turn;
  };
  await loadDays(
    context,
    {
      days,
      command: 'backfill',
      async prepare(client) {
        if (namesTemporal(env)) await ensureSearchAttributes(env, signal);
        await applySchedules(client, config);
      },
      begin: (client, day, leaving) =>
        inTurn(() => beginRun(client, day, loadInstant(day, config.general.timeZone), leaving)),
    },
    options,
  );
}

/**
 * Reject a day that the schedule has not loaded yet but will load.
 * A workflow run for a future instant would take the workflow id of the schedule's own run, which then would not start.
 *
 * @throws CommandFailed when the day's load is scheduled for the future
 */
function checkIsDue(day: Day, timeZone: string): void {
  if (loadInstant(day, timeZone) <= Date.now()) return;
  throw new CommandFailed(
    `The schedule ${SCHEDULES.loadDay} has not loaded ${day} yet, and loads it after the end of the day. ` +
      `Give an earlier last day. To load ${day} up to now, run "ladepuls load --from ${day}".`,
  );
}

/**
 * Make the schedule start its workflow run for an instant.
 * If that workflow already runs, return its run: an earlier command or the nightly schedule has started it.
 *
 * @throws CommandFailed when no workflow run shows up within {@link RUN_TIMEOUT_MS}
 */
async function beginRun(
  client: Client,
  day: Day,
  instantMs: number,
  signal: AbortSignal,
): Promise<WorkflowHandle> {
  const instant = new Date(instantMs);
  // This is the workflow id that the schedule itself uses.
  const workflowId = `loadDay-${instant.toISOString().replace('.000Z', 'Z')}`;
  const earlier = await latestRun(client, workflowId);
  if (earlier?.status.name === 'RUNNING') return client.workflow.getHandle(workflowId, earlier.runId);
  await client.schedule
    .getHandle(SCHEDULES.loadDay)
    .backfill({ start: instant, end: instant, overlap: ScheduleOverlapPolicy.ALLOW_ALL });
  const giveUpMs = performance.now() + RUN_TIMEOUT_MS;
  while (performance.now() < giveUpMs) {
    await sleep(LOOK_EVERY_MS, undefined, { signal });
    const run = await latestRun(client, workflowId);
    if (run && run.runId !== earlier?.runId) return client.workflow.getHandle(workflowId, run.runId);
  }
  throw new CommandFailed(
    `The schedule ${SCHEDULES.loadDay} started no workflow run for ${day}. Find the reason with ` +
      `"temporal schedule describe --schedule-id ${SCHEDULES.loadDay}". To load the day without the schedule, ` +
      `run "ladepuls load --from ${day}".`,
  );
}

async function latestRun(client: Client, workflowId: string): Promise<WorkflowExecutionDescription | null> {
  try {
    return await client.workflow.getHandle(workflowId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}
