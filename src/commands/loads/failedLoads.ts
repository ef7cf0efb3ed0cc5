import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { addDays, type Day, dayOf } from '../../domain/day.js';
import type { FailedLoad } from '../../domain/statusFacts.js';
import { describeFailure } from '../../temporal/client.js';
import { REBUILD, SCHEDULED_START, SEARCH_ATTRIBUTES } from '../../temporal/names.js';

/** Maximum number of failed load workflows that are read. */
const MOST = 100;
/** Maximum number of days that are reported, the newest ones. */
const MOST_DAYS = 40;

/**
 * Read the days whose load failed since an instant, unless a later load of the day succeeded or is running.
 * Loads that a rebuild started are left out, because the rebuild reports them. Loads of late answers are included.
 * Each day has its latest failure. At most {@link MOST_DAYS} days are returned.
 *
 * @param timeZone time zone of the days
 * @param sinceMs milliseconds since the epoch
 */
export async function readFailedLoads(
  client: Client,
  timeZone: string,
  sinceMs: number,
): Promise<FailedLoad[]> {
  const since = new Date(sinceMs).toISOString();
  const query = `WorkflowType = "loadDay" AND ExecutionStatus IN ("Failed", "TimedOut") AND CloseTime > "${since}"`;
  const latest = new Map<Day, WorkflowExecutionInfo>();
  let seen = 0;
  for await (const run of client.workflow.list({ query })) {
    if (run.parentExecution?.workflowId === REBUILD.workflowId) continue;
    if (++seen > MOST) break;
    const day = loadedDay(run, timeZone);
    const before = latest.get(day);
    if (!before || before.startTime < run.startTime) latest.set(day, run);
  }
  const failed: FailedLoad[] = [];
  const newest = [...latest].sort(([a], [b]) => (a > b ? -1 : 1)).slice(0, MOST_DAYS);
  for (const [day, run] of newest) {
    if (await isFollowed(client, day, run)) continue;
    failed.push({ day, workflowId: run.workflowId, reason: await failureOf(client, run) });
  }
  return failed.sort((a, b) => (a.day < b.day ? -1 : 1));
}

/**
 * Return the day that a workflow run loads.
 * A run that failed before it set its day is known by its scheduled instant, which is on the following day.
 */
function loadedDay(run: WorkflowExecutionInfo, timeZone: string): Day {
  const day = run.typedSearchAttributes.get(SEARCH_ATTRIBUTES.day);
  if (day !== undefined) return day;
  const scheduled = run.typedSearchAttributes.get(SCHEDULED_START) ?? run.startTime;
  return addDays(dayOf(scheduled.getTime(), timeZone), -1);
}

async function isFollowed(client: Client, day: Day, run: WorkflowExecutionInfo): Promise<boolean> {
  const started = run.startTime.toISOString();
  const query =
    `WorkflowType = "loadDay" AND ${SEARCH_ATTRIBUTES.day.name} = "${day}" AND StartTime > "${started}" ` +
    'AND ExecutionStatus IN ("Running", "Completed")';
  const { count } = await client.workflow.count(query);
  return count > 0;
}

async function failureOf(
  client: Client,
  { workflowId, runId, status }: WorkflowExecutionInfo,
): Promise<string> {
  if (status.name === 'TIMED_OUT') return 'it took too long';
  try {
    await client.workflow.getHandle(workflowId, runId).result();
    return 'unknown';
  } catch (error) {
    return describeFailure(error);
  }
}
