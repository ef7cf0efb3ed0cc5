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

/** Input of the workflow `rebuildWarehouse`. */
export interface RebuildInput {
  /** Whether to restore the facts of archived days, permanently. */
  restore?: boolean;
}

/** Result of the workflow `rebuildWarehouse`. */
export interface RebuildResult {
  /** Number of days that were loaded into the new warehouse. */
  days: number;
  /** Days that were copied from the replaced warehouse because raw no longer has all their answers, in order. */
  broughtOver: string[];
  /** Other people's objects on the replaced tables that could not be recreated: the first few hundred. */
  notRecreated: { kind: string; name: string; reason: string }[];
  /** Number of all such objects. The table `ops.not_recreated` has all of them, with their statements. */
  notRecreatedTotal: number;
}

/** Progress of a rebuild: days loaded (`done`), of days to load (`total`, 0 until the days are known). */
export interface RebuildProgress {
  done: number;
  total: number;
}

/** State that a workflow run passes to the next run of the same rebuild. */
export interface RebuildState {
  rebuild: string;
  restore: boolean;
  progress: RebuildProgress;
  /** Absent in the state of a run of an earlier version. */
  broughtOver?: string[];
  /** Days that were refused; absent as for `broughtOver`. */
  refused?: RefusedDays;
  /** Days that remain to be loaded, in order. */
  left: string[];
}

/** Days that can't be loaded into the new warehouse. */
interface RefusedDays {
  days: string[];
  /** Distinct reasons of the first days only, so that the failure stays readable. */
  reasons: string[];
}

type Going = Required<Pick<RebuildState, 'restore' | 'progress' | 'broughtOver' | 'refused'>>;

/** Number of days that are loaded concurrently. Each day is spread over the slots of the load queue. */
const DAYS_AT_ONCE = 3;
/**
 * Largest number of days in one workflow run, so that its history stays far below Temporal's limits, however many years
 * there are.
 */
const DAYS_PER_RUN = 200;
/** Largest number of reasons in the failure. */
const REASONS_AT_MOST = 20;

const { beginRebuild, restoreCurrent, exchangeWarehouses, notRecreated, dropReplaced, discardRebuild } =
  proxyActivities<LoadActivities>({
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: '1 minute',
    retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });

/**
 * Fill a new warehouse from the raw store, beside the published one. Readers use the published warehouse until the new
 * one is complete and replaces it. Days whose answers are gone from raw are copied from the published warehouse.
 *
 * When a day is refused, the others are loaded nevertheless, so that one failure names all refused days. The warehouses
 * are then not exchanged.
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
  setCurrentDetails(
    `${progress.done} days are rebuilt; the replaced tables are dropped as soon as nobody reads them`,
  );
  const lost = patched(PATCHES.notRecreated) ? await tellLost(rebuild) : { found: [], total: 0 };
  await dropReplaced();
  return {
    days: progress.done,
    broughtOver: [...new Set(broughtOver)].sort(),
    notRecreated: lost.found,
    notRecreatedTotal: lost.total,
  };
}

/** Log other people's objects on the replaced tables that could not be recreated, before these tables are dropped. */
async function tellLost(rebuild: string): Promise<Awaited<ReturnType<LoadActivities['notRecreated']>>> {
  const lost = await notRecreated(rebuild);
  for (const one of lost.found)
    log.warn('an object could not be created again on the rebuilt warehouse', { ...one });
  return lost;
}

/**
 * Exchange the warehouses. Before this, load the days that were published during the rebuild into the new warehouse.
 */
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
  // Polls during the exchange updated the statuses of the replaced warehouse, which nobody reads any more.
  if (keepsCurrent) await restoreCurrent({ isRebuild: false });
}

/**
 * Refuse the exchange when days were refused, because the new warehouse would lack days of the published one.
 *
 * @throws ApplicationFailure of type `LoadRefused` when days were refused
 */
function refuseIncomplete({ days, reasons }: RefusedDays): void {
  if (days.length === 0) return;
  const named = [...new Set(days)].sort().join(', ');
  throw ApplicationFailure.nonRetryable(
    `these days could not be rebuilt: ${named}. ${reasons.join(' ')}`,
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

/** Return whether an activity of the child workflow has failed with `LoadRefused`, which a retry does not resolve. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof ChildWorkflowFailure) || !(error.cause instanceof ActivityFailure)) return false;
  return error.cause.cause instanceof ApplicationFailure && error.cause.cause.type === 'LoadRefused';
}

// A rebuild may take days. It moves to the current version, so that no old version has to be kept for it; each of its
// days stays with the version that begins the day. Where workers have no versions, the server rejects this setting.
setWorkflowOptions(
  () =>
    workflowInfo().currentDeploymentVersion?.deploymentName ? { versioningBehavior: 'AUTO_UPGRADE' } : {},
  rebuildWarehouse,
);
