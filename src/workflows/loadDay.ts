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

/** Input of the workflow `loadDay`. */
export interface LoadDayInput {
  /** Local day, such as 2022-01-11. Default: the local day before the instant of the scheduled run. */
  day?: string;
  /** Why the day is loaded. It is stored in ops.day_revision. */
  reason?: string;
  /** Whether to load the day into the warehouse that is being rebuilt. */
  isRebuild?: boolean;
  /**
   * Whether to load an archived day and so restore its facts, permanently. Default: an archived day is left unchanged.
   */
  restore?: boolean;
  /** Whether the load has a lower priority than the loads of other days. */
  isBacklog?: boolean;
}

/** Delay in milliseconds after which a scheduled run counts as a late load of a past day. */
const BACKLOG_AFTER_MS = 24 * 3_600_000;

/**
 * Load one local day: clean its answers feed by feed, copy them to staging, check and publish them, then seal the
 * answers. Idempotent: the run may be repeated, be killed at any point, or run twice concurrently.
 */
export async function loadDay(input: LoadDayInput = {}): Promise<LoadDayResult> {
  const scheduled = workflowInfo().typedSearchAttributes.get(SCHEDULED_START);
  if (input.day === undefined && !scheduled) {
    throw ApplicationFailure.nonRetryable(
      'This run has no day, because no schedule started it. Start it with a day: {"day": "2022-01-11"}.',
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

/** Load the day, and load it anew when raw changes before its publication. */
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
    `**${day}** was not loaded, because its facts are in the archive. "ladepuls load --from ${day} --restore" loads them again.`,
  );
  const nothing = { polls: 0, chargingPointFacts: 0, connectorFacts: 0, quarantined: 0, unreadable: 0 };
  return { day, revision: 0, feeds: 0, ...nothing, isArchived: true };
}

/** Return whether the run is one of many for past days: of a rebuild, a backfill, or a server that was down. */
function isBacklog(input: LoadDayInput, scheduled: Date | undefined): boolean {
  if (input.isRebuild || input.isBacklog) return true;
  if (input.day !== undefined || !scheduled) return false;
  return workflowInfo().startTime.getTime() - scheduled.getTime() > BACKLOG_AFTER_MS;
}
