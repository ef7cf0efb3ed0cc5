import {
  ApplicationFailure,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { SCHEDULED_START, SEARCH_ATTRIBUTES } from '../temporal/names.js';
import { archiveDays } from './archiveDays.js';
import {
  describeLoad,
  isFailedAs,
  type LoadDayResult,
  loadOnce,
  MAX_ROUNDS,
  type RunningLoad,
} from './loadOnce.js';
import { type LoadPriority, loadSteps } from './loadSteps.js';
import { sealDay } from './sealDay.js';

export interface LoadDayInput {
  /** The local day, such as 2022-01-11; a scheduled run loads the day before its instant. */
  day?: string;
  /** Why the day is loaded; stands in ops.day_revision. */
  reason?: string;
  /** The day goes into the warehouse that is being rebuilt. */
  isRebuild?: boolean;
  /** The day's facts come back from the archive, to stay; else an archived day is left alone. */
  restore?: boolean;
  /** The load waits for those of other days. */
  isBacklog?: boolean;
}

/** A scheduled run that starts so long after its instant makes up for a day long past. */
const BACKLOG_AFTER_MS = 24 * 3_600_000;

/**
 * Loads one local day: cleans its polls feed by feed, copies them to staging, checks and publishes them; then seals them. It
 * may run again, be killed at any point, or run twice at once: the warehouse ends the same.
 */
export async function loadDay(input: LoadDayInput = {}): Promise<LoadDayResult> {
  const scheduled = workflowInfo().typedSearchAttributes.get(SCHEDULED_START);
  if (input.day === undefined && !scheduled) {
    throw ApplicationFailure.nonRetryable(
      'This run has no day: it was started by no schedule. Give it one: {"day": "2022-01-11"}.',
      'NoDay',
    );
  }
  const priority = isBacklog(input, scheduled) ? 'backlog' : 'recent';
  const steps = loadSteps(priority);
  const { isRebuild = false, restore = false } = input;
  const { day, isArchived } = await steps.planLoad(
    input.day === undefined
      ? { instantMs: scheduled?.getTime() ?? 0, isRebuild }
      : { day: input.day, isRebuild },
  );
  upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.day, value: day }]);
  const withoutFacts = isArchived && !restore;
  if (withoutFacts && !isRebuild) return leaveArchived(day);
  const reason = input.reason ?? (scheduled ? 'schedule' : 'load');
  const result = await loadFresh(priority, { day, isRebuild, withoutFacts }, reason);
  const sealed = await sealDay(priority, day);
  if (scheduled) await archiveDays(steps);
  if (sealed !== '') setCurrentDetails(`${describeLoad(result)}; ${sealed}`);
  return result;
}

/** Loads the day as raw has it when it is published. */
async function loadFresh(
  priority: LoadPriority,
  toLoad: Omit<RunningLoad, 'run'>,
  reason: string,
): Promise<LoadDayResult> {
  for (let round = 1; ; round++) {
    const load = { ...toLoad, run: `${workflowInfo().runId}-${round}` };
    try {
      return await loadOnce(priority, load, reason);
    } catch (error) {
      if (round === MAX_ROUNDS || !isFailedAs('LoadOutdated', error)) throw error;
    }
  }
}

function leaveArchived(day: string): LoadDayResult {
  setCurrentDetails(
    `**${day}** was left alone: its facts are in the archive. Load it with "restore" to get them back.`,
  );
  const nothing = { polls: 0, chargingPointFacts: 0, connectorFacts: 0, quarantined: 0, unreadable: 0 };
  return { day, revision: 0, feeds: 0, ...nothing, isArchived: true };
}

/** Whether the run is one of many that a rebuild, a backfill, or a server that is back, starts for past days. */
function isBacklog(input: LoadDayInput, scheduled: Date | undefined): boolean {
  if (input.isRebuild || input.isBacklog) return true;
  if (input.day !== undefined || !scheduled) return false;
  return workflowInfo().startTime.getTime() - scheduled.getTime() > BACKLOG_AFTER_MS;
}
