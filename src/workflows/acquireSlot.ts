import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  condition,
  isCancellation,
  log,
  patched,
  proxyActivities,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { AcquireActivities, CurrentActivities } from '../activities/registry.js';
import type { Outcome } from '../domain/outcome.js';
import { formatSlot, slotOf } from '../domain/slot.js';
import {
  type AcquireSlotInput,
  currentQueue,
  PATCHES,
  SCHEDULED_START,
  SEARCH_ATTRIBUTES,
} from '../temporal/names.js';
import { eachOf } from './eachOf.js';

/**
 * Counts of the slot's outcomes. `notStored` names the feeds without a stored answer of the slot, each with its reason.
 */
export interface AcquireSlotResult {
  slot: string;
  stored: number;
  failed: number;
  missed: number;
  notStored: Record<string, string>;
}

/**
 * Number of concurrent polls in one slot run, over all hosts and workers. For very many feeds it is larger: see
 * `POLLS_IN_ONE_LANE`.
 */
const POLLS_AT_ONCE = 8;
/**
 * Feeds that are polled one after another. At one second for each poll, and with enough pollers, all feeds are polled
 * within a minute, however many there are.
 */
const POLLS_IN_ONE_LANE = 50;
/**
 * Outcomes in one activity that updates the current statuses. The limit keeps its payload small and its time short.
 */
const KEPT_AT_ONCE = 200;
/** Requests to one feed in one slot. The limit protects a feed that is in trouble. */
const MAX_ATTEMPTS = 5;

/**
 * Poll every feed for one slot and store the answers. The workflow succeeds also when feeds fail, and its result names
 * them: an outcome is data, and the workflow only has to collect it.
 */
export async function acquireSlot(input: AcquireSlotInput): Promise<AcquireSlotResult> {
  const { intervalMinutes } = input;
  const slot = slotOf(slotInstant(input), intervalMinutes);
  const slotMs = intervalMinutes * 60_000;
  const { planSlot } = proxyActivities<AcquireActivities>({
    startToCloseTimeout: '1 minute',
    retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
  });
  const { pollFeed } = proxyActivities<AcquireActivities>({
    // Retried within the slot only, because the feed no longer knows its earlier state. The activity knows the exact
    // end.
    scheduleToCloseTimeout: slotMs * 0.95,
    startToCloseTimeout: slotMs * 0.95,
    heartbeatTimeout: '1 minute',
    retry: { initialInterval: '4 seconds', backoffCoefficient: 3, maximumAttempts: MAX_ATTEMPTS },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
  });
  upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.slot, value: new Date(slot) }]);

  const poll = async (feed: string): Promise<Outcome> => {
    try {
      return await pollFeed.executeWithOptions({ summary: feed }, [{ feed, slot, intervalMinutes }]);
    } catch (error) {
      return outcomeOf(feed, error);
    }
  };
  const plan = await planSlot({ slot });
  const lanes = Math.max(POLLS_AT_ONCE, Math.ceil(plan.feeds.length / POLLS_IN_ONE_LANE));
  const paused = plan.paused.map((feed) => missed(feed, 'paused'));
  const current = patched(PATCHES.current) ? new Keeper(slot, intervalMinutes, plan.intervals) : null;
  for (const outcome of paused) current?.add(outcome);
  const polled = await eachOf(plan.feeds, lanes, async (feed): Promise<Outcome> => {
    const outcome = await poll(feed);
    current?.add(outcome);
    return outcome;
  });
  const outcomes = [...polled, ...paused];
  // The record may have to wait for a day. The outcomes of the slot are therefore shown before.
  const told = patched(PATCHES.tellBeforeRecord) ? summarise(slot, outcomes) : null;
  await record(slot, outcomes);
  await current?.finish();
  return told ?? summarise(slot, outcomes);
}

/**
 * Store the outcomes in the raw store. When neither the raw store nor the spool accepts them, retry for a day: without
 * the record, the slot would count as one in which nothing was running.
 */
async function record(slot: number, outcomes: Outcome[]): Promise<void> {
  const { recordSlot } = proxyActivities<AcquireActivities>({
    scheduleToCloseTimeout: '1 day',
    startToCloseTimeout: '1 minute',
    retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
  });
  try {
    await recordSlot({ slot, outcomes });
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.error('the outcomes of a slot could not be stored within a day', { slot: formatSlot(slot), error });
  }
}

/**
 * Writer of current statuses that runs beside the polls. Outcomes that arrive during one write are the next write.
 * Nothing depends on the current statuses. When writing fails, for lack of a warehouse or of a worker, the outcomes of
 * this slot are left to the next slot.
 */
class Keeper {
  private readonly fresh: Outcome[] = [];
  private isPolling = true;
  private readonly done: Promise<void>;

  constructor(
    private readonly slot: number,
    private readonly intervalMinutes: number,
    /** Intervals of feeds that have one of their own, in minutes. */
    private readonly intervals: Record<string, number> | undefined,
  ) {
    this.done = this.writeAll();
  }

  add(outcome: Outcome): void {
    this.fresh.push(outcome);
  }

  /** Wait until every outcome is written, or writing has failed. */
  async finish(): Promise<void> {
    this.isPolling = false;
    await this.done;
  }

  private async writeAll(): Promise<void> {
    const { slot, intervalMinutes, intervals } = this;
    const { keepCurrent } = proxyActivities<CurrentActivities>({
      taskQueue: currentQueue(workflowInfo().taskQueue),
      scheduleToStartTimeout: '20 seconds',
      startToCloseTimeout: '1 minute',
      retry: { initialInterval: '2 seconds', maximumAttempts: 2 },
    });
    try {
      for (;;) {
        await condition(() => this.fresh.length > 0 || !this.isPolling);
        if (this.fresh.length === 0) return;
        const outcomes = this.fresh.splice(0, KEPT_AT_ONCE);
        await keepCurrent.executeWithOptions({ summary: `${outcomes.length} feeds` }, [
          { slot, intervalMinutes, outcomes, ...(intervals && { intervals: of(outcomes, intervals) }) },
        ]);
      }
    } catch (error) {
      if (isCancellation(error)) return;
      log.warn('the current statuses were not updated in this slot; the next slot updates them', {
        slot: formatSlot(slot),
        error,
      });
    }
  }
}

/** Return the members of `intervals` that concern some outcomes. */
function of(outcomes: readonly Outcome[], intervals: Record<string, number>): Record<string, number> {
  const concerned = new Set(outcomes.map(({ feed }) => feed));
  return Object.fromEntries(Object.entries(intervals).filter(([feed]) => concerned.has(feed)));
}

/** Return the instant of the slot: the scheduled one or the given one, never a clock's. */
function slotInstant(input: AcquireSlotInput): number {
  const scheduled = workflowInfo().typedSearchAttributes.get(SCHEDULED_START);
  if (scheduled) return scheduled.getTime();
  const given = Date.parse(input.slot ?? '');
  if (!Number.isNaN(given)) return given;
  throw ApplicationFailure.nonRetryable(
    'This run has no slot, because no schedule started it. Trigger the schedule instead ' +
      '(temporal schedule trigger --schedule-id acquire), or give the slot: {"intervalMinutes": 10, "slot": "2026-01-31T10:20:00Z"}.',
    'NoSlot',
  );
}

function missed(feed: string, reason: string): Outcome {
  return { feed, outcome: 'missed', reason, key: null, attempts: 0 };
}

/** Return the outcome of a poll that failed for good. The activity's failure carries it. */
function outcomeOf(feed: string, error: unknown): Outcome {
  if (!(error instanceof ActivityFailure)) throw error;
  const { cause } = error;
  if (cause instanceof ApplicationFailure && cause.details?.[0]) return cause.details[0] as Outcome;
  log.warn('a poll ended without an outcome', { feed, cause: cause?.message });
  return missed(feed, cause?.name === 'TimeoutFailure' ? 'timeout' : 'error');
}

function summarise(slot: number, outcomes: Outcome[]): AcquireSlotResult {
  const notStored = outcomes.filter(({ outcome }) => outcome !== 'stored');
  const count = (wanted: Outcome['outcome']) => outcomes.filter(({ outcome }) => outcome === wanted).length;
  const result: AcquireSlotResult = {
    slot: formatSlot(slot),
    stored: count('stored'),
    failed: count('failed'),
    missed: count('missed'),
    notStored: Object.fromEntries(notStored.map(({ feed, reason }) => [feed, reason ?? 'unknown'])),
  };
  upsertSearchAttributes([
    { key: SEARCH_ATTRIBUTES.stored, value: result.stored },
    { key: SEARCH_ATTRIBUTES.notStored, value: notStored.length },
    { key: SEARCH_ATTRIBUTES.feedsNotStored, value: notStored.map(({ feed }) => feed) },
  ]);
  const list = notStored.map(({ feed, outcome, reason }) => `- ${feed}: ${outcome}, ${reason}`).join('\n');
  setCurrentDetails(`**${result.slot}**: ${result.stored} of ${outcomes.length} feeds stored\n\n${list}`);
  return result;
}
