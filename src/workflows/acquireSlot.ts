import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  log,
  proxyActivities,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { AcquireActivities } from '../activities/acquire.js';
import type { Outcome } from '../domain/outcome.js';
import { formatSlot, slotOf } from '../domain/slot.js';
import { SCHEDULED_START, SEARCH_ATTRIBUTES } from './names.js';
import { eachOf } from './eachOf.js';

export interface AcquireSlotInput {
  intervalMinutes: number;
  /** ISO instant, for a run started by hand; a scheduled run takes its own. */
  slot?: string;
}

/** Counts, and the feeds that have no answer of the slot, each with its reason. */
export interface AcquireSlotResult {
  slot: string;
  stored: number;
  failed: number;
  missed: number;
  notStored: Record<string, string>;
}

/** Polls under way at once in one slot run, over all hosts and workers: so many, and of very many feeds a share of them. */
const POLLS_AT_ONCE = 8;
/** With a second for each poll and pollers enough, all feeds are asked within a minute, however many there are. */
const POLLS_IN_ONE_LANE = 50;
/** Requests of one feed in one slot: the feed should not be asked more while it is in trouble. */
const MAX_ATTEMPTS = 5;

/**
 * Asks every feed for one slot and keeps the answers. It succeeds when some feeds fail, and says which:
 * what a feed did is data, and the run is only there to fetch it.
 */
export async function acquireSlot(input: AcquireSlotInput): Promise<AcquireSlotResult> {
  const { intervalMinutes } = input;
  const slot = slotOf(slotInstant(input), intervalMinutes);
  const slotMs = intervalMinutes * 60_000;
  const { planSlot, recordSlot } = proxyActivities<AcquireActivities>({
    startToCloseTimeout: '1 minute',
    retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
  });
  const { pollFeed } = proxyActivities<AcquireActivities>({
    // Retried within the slot only: after it the feed no longer knows. The activity knows the exact end.
    scheduleToCloseTimeout: slotMs * 0.95,
    startToCloseTimeout: Math.min(slotMs * 0.95, 180_000),
    retry: { initialInterval: '4 seconds', backoffCoefficient: 3, maximumAttempts: MAX_ATTEMPTS },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
  });
  upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.slot, value: new Date(slot) }]);

  const plan = await planSlot({ slot });
  const lanes = Math.max(POLLS_AT_ONCE, Math.ceil(plan.feeds.length / POLLS_IN_ONE_LANE));
  const polled = await eachOf(plan.feeds, lanes, async (feed): Promise<Outcome> => {
    try {
      return await pollFeed.executeWithOptions({ summary: feed }, [{ feed, slot, intervalMinutes }]);
    } catch (error) {
      return outcomeOf(feed, error);
    }
  });
  const paused = plan.paused.map((feed) => missed(feed, 'paused'));
  const outcomes = [...polled, ...paused];
  await recordSlot({ slot, outcomes });
  return summarise(slot, outcomes);
}

/** The slot's instant: the one that the schedule meant, never a clock's. */
function slotInstant(input: AcquireSlotInput): number {
  const scheduled = workflowInfo().typedSearchAttributes.get(SCHEDULED_START);
  if (scheduled) return scheduled.getTime();
  const given = Date.parse(input.slot ?? '');
  if (!Number.isNaN(given)) return given;
  throw ApplicationFailure.nonRetryable(
    'This run has no slot: it was started by no schedule. Trigger the schedule instead ' +
      '(temporal schedule trigger --schedule-id acquire), or give the slot: {"intervalMinutes": 10, "slot": "2026-01-31T10:20:00Z"}.',
    'NoSlot',
  );
}

function missed(feed: string, reason: string): Outcome {
  return { feed, outcome: 'missed', reason, key: null, attempts: 0 };
}

/** What a poll that failed for good leaves: the activity's failures carry their outcome. */
function outcomeOf(feed: string, error: unknown): Outcome {
  if (!(error instanceof ActivityFailure)) throw error;
  const { cause } = error;
  if (cause instanceof ApplicationFailure && cause.details?.[0]) return cause.details[0] as Outcome;
  log.warn('poll ended without an outcome', { feed, cause: cause?.message });
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
