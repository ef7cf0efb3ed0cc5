import { rootCause } from '@temporalio/common';
import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowFailure,
  continueAsNew,
  defineQuery,
  executeChild,
  isCancellation,
  log,
  ParentClosePolicy,
  patched,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  setWorkflowOptions,
  workflowInfo,
} from '@temporalio/workflow';
import type { LoadActivities } from '../activities/registry.js';
import { eachOf } from './eachOf.js';
import { loadDay } from './loadDay.js';
import { PATCHES, REBUILD } from '../temporal/names.js';

export interface RebuildInput {
  /** The facts of archived days come back, to stay. */
  restore?: boolean;
}

export interface RebuildResult {
  /** Days that were loaded into the new warehouse. */
  days: number;
  /** Those that were taken from the replaced warehouse, in order: raw no longer has all their answers. */
  broughtOver: string[];
  /** What other people had on the replaced tables and could not be made anew: the first few hundred. */
  notRecreated: { kind: string; name: string; reason: string }[];
  /** How many that are; the table `ops.not_recreated` has all of them, with their statements. */
  notRecreatedTotal: number;
}

/** How far a rebuild is: days loaded, of days to load; the latter is 0 until they are known. */
export interface RebuildProgress {
  done: number;
  total: number;
}

/** What a run hands to the one that goes on with the same rebuild. */
export interface RebuildState {
  rebuild: string;
  restore: boolean;
  progress: RebuildProgress;
  /** Absent in the state of a run that an earlier version began. */
  broughtOver?: string[];
  /** Days that were refused; absent as above. */
  refused?: RefusedDays;
  /** Days to load, in order. */
  left: string[];
}

/** Days that can't come into the new warehouse. */
interface RefusedDays {
  days: string[];
  /** Of the first days, each once: a failure has to stay readable. */
  reasons: string[];
}

type Going = Required<Pick<RebuildState, 'restore' | 'progress' | 'broughtOver' | 'refused'>>;

/** Days under way at once; each is spread over the load queue's slots. */
const DAYS_AT_ONCE = 3;
/** Days in one run: a history stays far below its limits, however many years there are. */
const DAYS_PER_RUN = 200;
/** A failure tells at most so many reasons. */
const REASONS_AT_MOST = 20;

const { beginRebuild, restoreCurrent, exchangeWarehouses, notRecreated, dropReplaced, discardRebuild } =
  proxyActivities<LoadActivities>({
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: '1 minute',
    retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });

/**
 * Fills a new warehouse from the raw store, beside the published one, which readers keep until the new one is complete and
 * takes its place. Days whose answers are gone from raw come from the published one. Where a day is refused, the others
 * are loaded nevertheless, so that one failure names all such days; nothing is exchanged then.
 */
export async function rebuildWarehouse(input: RebuildInput | RebuildState = {}): Promise<RebuildResult> {
  const state = 'left' in input ? input : null;
  const rebuild = state?.rebuild ?? workflowInfo().runId;
  const restore = input.restore ?? false;
  const progress = state?.progress ?? { done: 0, total: 0 };
  const { broughtOver = [], refused = { days: [], reasons: [] } } = state ?? {};
  const going = { restore, progress, broughtOver, refused };
  setHandler(defineQuery<RebuildProgress>(REBUILD.progressQuery), () => progress);
  let left: string[];
  try {
    const days = state?.left ?? (await beginRebuild(rebuild));
    progress.total ||= days.length;
    left = days.slice(DAYS_PER_RUN);
    await loadAll(days.slice(0, DAYS_PER_RUN), going);
    if (left.length === 0) await exchange(rebuild, going);
  } catch (error) {
    await CancellationScope.nonCancellable(() => discardRebuild(rebuild));
    throw error;
  }
  if (left.length > 0) await continueAsNew<typeof rebuildWarehouse>({ rebuild, ...going, left });
  setCurrentDetails(`${progress.done} days are rebuilt; the replaced tables go as soon as nobody reads them`);
  const lost = patched(PATCHES.notRecreated) ? await tellLost(rebuild) : { found: [], total: 0 };
  await dropReplaced();
  return {
    days: progress.done,
    broughtOver: [...new Set(broughtOver)].sort(),
    notRecreated: lost.found,
    notRecreatedTotal: lost.total,
  };
}

/** Logs what other people had on the replaced tables and could not be made anew, before these are dropped. */
async function tellLost(rebuild: string): Promise<Awaited<ReturnType<LoadActivities['notRecreated']>>> {
  const lost = await notRecreated(rebuild);
  for (const one of lost.found) log.warn('not made anew on the rebuilt warehouse', { ...one });
  return lost;
}

/** Days that were published while the others were rebuilt come into the new warehouse before the exchange. */
async function exchange(rebuild: string, going: Going): Promise<void> {
  const keepsCurrent = patched(PATCHES.current);
  for (;;) {
    refuseIncomplete(going.refused);
    if (keepsCurrent) await restoreCurrent({ isRebuild: true });
    const published = await exchangeWarehouses(rebuild);
    if (published.length === 0) break;
    going.progress.total += published.length;
    await loadAll(published, going);
  }
  // Polls went on meanwhile, and wrote what is no longer read.
  if (keepsCurrent) await restoreCurrent({ isRebuild: false });
}

/** Throws where days were refused: without them the new warehouse would have less than the published one. */
function refuseIncomplete({ days, reasons }: RefusedDays): void {
  if (days.length === 0) return;
  const named = [...new Set(days)].sort().join(', ');
  throw ApplicationFailure.nonRetryable(
    `days that were refused: ${named}. ${reasons.join(' ')}`,
    'LoadRefused',
  );
}

async function loadAll(days: string[], { restore, progress, broughtOver, refused }: Going): Promise<void> {
  await eachOf(days, DAYS_AT_ONCE, async (day) => {
    try {
      const { lost } = await executeChild(loadDay, {
        workflowId: `${workflowInfo().workflowId}-${day}`,
        args: [{ day, reason: 'rebuild', isRebuild: true, restore }],
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      });
      if (lost !== undefined) broughtOver.push(day);
    } catch (error) {
      if (isCancellation(error) || !isRefusal(error)) throw error;
      const reason = rootCause(error) ?? '';
      refused.days.push(day);
      if (refused.reasons.length < REASONS_AT_MOST && !refused.reasons.includes(reason))
        refused.reasons.push(reason);
    }
    progress.done++;
    setCurrentDetails(`${progress.done} of ${progress.total} days are rebuilt`);
  });
}

/** Whether a child's activity has refused to go on, which trying again does not mend. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof ChildWorkflowFailure) || !(error.cause instanceof ActivityFailure)) return false;
  return error.cause.cause instanceof ApplicationFailure && error.cause.cause.type === 'LoadRefused';
}

// A rebuild may take days, for which no version should have to be kept. Its days stay with the version that begins them.
// Where workers have no versions, the server refuses to hear of them.
setWorkflowOptions(
  () =>
    workflowInfo().currentDeploymentVersion?.deploymentName ? { versioningBehavior: 'AUTO_UPGRADE' } : {},
  rebuildWarehouse,
);
