import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, ScheduleOverlapPolicy, type WorkflowExecutionInfo } from '@temporalio/client';
import { type Day, daysBetween, parseDay } from '../domain/day.js';
import { applySchedules, loadInstant } from '../schedules.js';
import { ensureSearchAttributes } from '../searchAttributes.js';
import { namesTemporal } from '../temporal.js';
import { SCHEDULED_START, SCHEDULES } from '../workflows/names.js';
import { CommandFailed, type Context, withInstallation } from './context.js';
import { joinFailures, printLoads, waitForLoad } from './loading.js';

/** How often to look for the runs that the schedule starts. */
const LOOK_EVERY_MS = 500;
/** Where no further run shows up for so long, none will. */
const RUNS_TIMEOUT_MS = 60_000;

/** `ladepuls backfill`: loads days through the schedule's own backfill and waits. Fails when a day did not load. */
export async function backfill(
  context: Context,
  options: { from: string; to: string; json?: boolean },
): Promise<void> {
  const { config, env, signal } = context;
  checkIsDue(parseDay(options.to), config.timeZone);
  const days = daysBetween(parseDay(options.from), options.to);
  const results = await withInstallation(
    context,
    { temporal: true, postgres: true, worker: true },
    async (parts) => {
      const client = await parts.client();
      if (namesTemporal(env)) await ensureSearchAttributes(env, signal);
      await applySchedules(client, config);
      const runs = await startRuns(context, client, days);
      const waits = [...runs].map(([day, { workflowId, runId }]) =>
        waitForLoad(context, day, client.workflow.getHandle(workflowId, runId)),
      );
      const settled = await Promise.allSettled(waits);
      const failures = settled.filter((result) => result.status === 'rejected');
      if (failures.length > 0) throw new AggregateError(failures.map(({ reason }) => reason as Error));
      return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    },
  ).catch(joinFailures);
  printLoads(results, options);
}

/** A run for an instant to come would take the workflow id of the schedule's own, which then would not start. */
function checkIsDue(day: Day, timeZone: string): void {
  if (loadInstant(day, timeZone) <= Date.now()) return;
  throw new CommandFailed(
    `${day} is loaded by the schedule, once it is over: backfill days before it. To load now what there is of it, ` +
      `use "ladepuls load --from ${day}".`,
  );
}

/** Has the schedule start a run for every day, and finds these runs, in the order of the days. */
async function startRuns(
  context: Context,
  client: Client,
  days: Day[],
): Promise<Map<Day, WorkflowExecutionInfo>> {
  const { config, signal, progress } = context;
  const dayOfInstant = new Map(days.map((day) => [loadInstant(day, config.timeZone), day]));
  const instants = [...dayOfInstant.keys()];
  const span = { startMs: Math.min(...instants), endMs: Math.max(...instants) };
  // The runs of an earlier backfill of the same days look the same, but for their ids.
  const earlier = new Set((await findRuns(client, span)).map(({ runId }) => runId));
  progress(`Backfilling ${days.length} ${days.length === 1 ? 'day' : 'days'} …`);
  await client.schedule.getHandle(SCHEDULES.loadDay).backfill({
    start: new Date(span.startMs),
    end: new Date(span.endMs),
    overlap: ScheduleOverlapPolicy.ALLOW_ALL,
  });
  const found = new Map<Day, WorkflowExecutionInfo>();
  let foundMs = Date.now();
  while (found.size < days.length) {
    await sleep(LOOK_EVERY_MS, undefined, { signal });
    for (const run of await findRuns(client, span)) {
      const day = dayOfInstant.get(run.typedSearchAttributes.get(SCHEDULED_START)?.getTime() ?? NaN);
      if (day === undefined || earlier.has(run.runId) || found.has(day)) continue;
      found.set(day, run);
      foundMs = Date.now();
    }
    if (Date.now() - foundMs > RUNS_TIMEOUT_MS) throw new CommandFailed(lacking(days, found));
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function lacking(days: Day[], found: ReadonlyMap<Day, unknown>): string {
  const missing = days.filter((day) => !found.has(day));
  return (
    `The schedule ${SCHEDULES.loadDay} started no run for ${missing.join(', ')}. Look at it in Temporal's Web UI or ` +
    'with "temporal schedule describe"; "ladepuls load" loads days without it.'
  );
}

/** The runs that the schedule started for instants of a span, both ends included. */
async function findRuns(
  client: Client,
  { startMs, endMs }: { startMs: number; endMs: number },
): Promise<WorkflowExecutionInfo[]> {
  // SQLite compares the instants as texts of different precision: a second more, and both ends are in.
  const [after, before] = [startMs - 1000, endMs + 1000].map((ms) => new Date(ms).toISOString());
  const query =
    `TemporalScheduledById = "${SCHEDULES.loadDay}" AND ` +
    `TemporalScheduledStartTime > "${after ?? ''}" AND TemporalScheduledStartTime < "${before ?? ''}"`;
  const runs: WorkflowExecutionInfo[] = [];
  for await (const run of client.workflow.list({ query })) runs.push(run);
  return runs;
}
