import { activityInfo, ApplicationFailure, cancellationSignal, log } from '@temporalio/activity';
import { ApplicationFailureCategory } from '@temporalio/common';
import { dayBounds, dayOf } from '../domain/day.js';
import type { Outcome } from '../domain/outcome.js';
import { shownUrl } from '../domain/shownUrl.js';
import { pollDeadline, type Slot } from '../domain/slot.js';
import type { Intake, Rejection } from '../intake/intake.js';
import { type Answer, type AnswerClient, PollFailure } from '../sources/answer.js';
import { EXCESSIVE } from '../sources/answerLimits.js';
import { sourceByName } from '../sources/registry.js';
import type { Source, SourceSettings } from '../sources/source.js';
import type { FeedState } from '../stores/collectionLog.js';
import { KnownCollection } from '../stores/knownCollection.js';
import { PollStore, StoreFailed } from '../stores/pollStore.js';
import {
  getRaw,
  listRawSlot,
  listUnsealedSlot,
  putRaw,
  type RawKind,
  type RawObject,
} from '../stores/raw.js';
import { putSlotRun } from '../stores/slotRuns.js';
import type { Spool } from '../stores/spool.js';
import type { Store } from '../stores/store.js';
import { StoreGate } from '../stores/storeGate.js';

/** Wait before the second request of a feed in a slot; each further one waits three times as long. */
const FIRST_RETRY_DELAY_MS = 4_000;
/** How far the server's clock and this one may differ before a slot counts as not begun. */
const CLOCK_TOLERANCE_MS = 30_000;
/** Asked again in the same slot, a feed would answer so again, and every answer costs much. */
const FINAL_REASONS: ReadonlySet<string> = new Set([...EXCESSIVE, 'redirect_refused']);
/** A request that can't have this long is not begun. */
const SHORTEST_REQUEST_MS = 1_000;

export interface AcquireDeps {
  /** Fails within seconds where it does not answer. */
  raw: Store;
  /** Where answers wait that the raw store can't take; undefined: they are lost. */
  spool?: Spool | undefined;
  /** The file that keeps the feeds that were known last; undefined: memory alone does. */
  collectionFile?: string | undefined;
  /** Keeps polls from waiting for a raw store that fails. */
  gate?: StoreGate;
  client: AnswerClient;
  /** Judges answers off the event loop. */
  judge: Intake['judge'];
  timeZone: string;
  sources: SourceSettings;
  /** Milliseconds since the epoch. */
  now: () => number;
}

export interface PollInput {
  feed: string;
  slot: Slot;
  intervalMinutes: number;
}

/** What polls use, made of what they are given. */
interface Polling extends Omit<AcquireDeps, 'raw'> {
  raw: PollStore;
  collection: KnownCollection;
}

export type AcquireActivities = ReturnType<typeof createAcquireActivities>;

/** The activities of the workflow `acquireSlot`. */
export function createAcquireActivities(given: AcquireDeps) {
  const deps = pollingOf(given);
  return {
    /** The feeds that are to be polled in a slot, by name, and those that are paused. */
    async planSlot({ slot }: { slot: Slot }): Promise<{ feeds: string[]; paused: string[] }> {
      const feeds = await feedsAt(deps, slot);
      const names = (paused: boolean) =>
        feeds.filter((feed) => feed.paused === paused).map(({ name }) => name);
      return { feeds: names(false), paused: names(true) };
    },

    /**
     * Asks a feed once and keeps its answer. Where the slot has its answer already, that is returned. A
     * wrong answer is kept apart and thrown as a failure, which carries the outcome so far.
     */
    async pollFeed(input: PollInput): Promise<Outcome> {
      const day = dayOf(input.slot, deps.timeZone);
      const [there] = await answersOf(deps, input, 'polls');
      if (there) return stored(deps, input.feed, there.key);
      const poll = new Poll(deps, input, day);
      const remainingMs = pollDeadline(input.slot, input.intervalMinutes) - deps.now();
      if (deps.now() < input.slot - CLOCK_TOLERANCE_MS) return poll.leaveOut('early');
      return remainingMs < SHORTEST_REQUEST_MS ? poll.leaveOut('late') : poll.run(remainingMs);
    },

    /** Keeps what became of every feed in a slot run. */
    async recordSlot({ slot, outcomes }: { slot: Slot; outcomes: Outcome[] }): Promise<void> {
      const { workflowExecution } = activityInfo();
      await putSlotRun(deps.raw, dayOf(slot, deps.timeZone), slot, {
        workflow_id: workflowExecution?.workflowId ?? '',
        run_id: workflowExecution?.runId ?? '',
        recorded_at: new Date(deps.now()).toISOString(),
        outcomes,
      });
    },
  };
}

/** One request of one feed, and what is kept of it. */
class Poll {
  constructor(
    private readonly deps: Polling,
    private readonly input: PollInput,
    private readonly day: string,
  ) {}

  async run(remainingMs: number): Promise<Outcome> {
    const startedMs = this.deps.now();
    const { feed, source, url } = await this.address();
    try {
      const answer = await this.deps.client.request(url, {
        signal: cancellationSignal(),
        timeoutMs: remainingMs,
      });
      const rejection = await judge(this.deps, source, answer);
      const reason = rejection?.reason ?? null;
      const kind = reason === null ? 'polls' : 'answers';
      const key = await this.keep(kind, { feed, url, reason }, answer);
      if (rejection === null)
        return key === null ? await this.lost() : await stored(this.deps, feed.name, key);
      const message = `${shownUrl(url)}: ${rejection.message}`;
      throw await this.failure(rejection.reason, key, message, retryAfterMs(answer));
    } catch (error) {
      if (!(error instanceof PollFailure)) throw error;
      const { reason, partial, status } = error;
      const received = { status, body: partial, startedMs, receivedMs: this.deps.now() };
      const key = partial?.length ? await this.keep('answers', { feed, url, reason }, received) : null;
      throw await this.failure(reason, key, error.message, null);
    }
  }

  /** The outcome without a request: failed where an earlier attempt was answered wrongly, and for that reason. */
  async leaveOut(reason: 'early' | 'late'): Promise<Outcome> {
    const { feed } = this.input;
    const attempts = activityInfo().attempt - 1;
    const key = await this.lastAnswer();
    if (key === null) return { feed, outcome: 'missed', reason, key, attempts };
    const told = await getRaw(this.deps.raw, key).catch(() => null);
    return { feed, outcome: 'failed', reason: told?.meta.reason ?? reason, key, attempts };
  }

  /**
   * The outcome of a good answer that nothing could take. It is final: the feed has answered, and is not asked again
   * because of the store.
   */
  private async lost(): Promise<Outcome> {
    const { feed } = this.input;
    const key = await this.lastAnswer();
    const outcome = key === null ? 'missed' : 'failed';
    return { feed, outcome, reason: 'store_failed', key, attempts: activityInfo().attempt };
  }

  /** The key of the slot's latest wrong answer. */
  private async lastAnswer(): Promise<string | null> {
    return (await answersOf(this.deps, this.input, 'answers')).at(-1)?.key ?? null;
  }

  private async address(): Promise<{ feed: FeedState; source: Source; url: string }> {
    const feeds = await feedsAt(this.deps, this.input.slot);
    const feed = feeds.find(({ name }) => name === this.input.feed);
    if (!feed) throw this.misconfigured(`${this.input.feed} is no longer collected`);
    let source: Source;
    try {
      source = sourceByName(feed.source);
    } catch (error) {
      throw this.misconfigured((error as Error).message);
    }
    const url = feed.url ?? source.defaultUrl(feed.name, this.deps.sources);
    if (url === null) {
      throw this.misconfigured(
        `${feed.name} has no address, and its source ${source.name} knows none: add it again with --url`,
      );
    }
    return { feed, source, url };
  }

  /** Keeps an answer. Returns its key; null where neither the raw store nor the spool takes it. */
  private async keep(
    kind: RawKind,
    what: { feed: FeedState; url: string; reason: string | null },
    received: {
      status?: number | undefined;
      body?: Buffer | undefined;
      startedMs: number;
      receivedMs: number;
    },
  ): Promise<string | null> {
    const origin = {
      feed: what.feed.name,
      source: what.feed.source,
      url: what.url,
      origin: 'poll',
      started_at: new Date(received.startedMs).toISOString(),
      http_status: received.status ?? null,
      attempts: activityInfo().attempt,
      reason: what.reason,
      file: null,
      slot: this.input.slot,
      day: this.day,
      receivedMs: received.receivedMs,
    } as const;
    try {
      return await putRaw(this.deps.raw, kind, origin, received.body ?? Buffer.alloc(0));
    } catch (error) {
      if (!(error instanceof StoreFailed)) throw error;
      log.error('an answer could not be stored', { feed: origin.feed, reason: error.message });
      return null;
    }
  }

  /** The failure of this attempt: retried as long as another one fits into the slot. */
  private async failure(reason: string, key: string | null, message: string, afterMs: number | null) {
    const { attempt } = activityInfo();
    const { feed, slot, intervalMinutes } = this.input;
    const earlier = key ?? (await this.lastAnswer());
    const outcome: Outcome = {
      feed,
      outcome: earlier ? 'failed' : 'missed',
      reason,
      key: earlier,
      attempts: attempt,
    };
    const delayMs = afterMs ?? FIRST_RETRY_DELAY_MS * 3 ** (attempt - 1);
    const fits = this.deps.now() + delayMs + SHORTEST_REQUEST_MS < pollDeadline(slot, intervalMinutes);
    if (FINAL_REASONS.has(reason)) log.warn(`${feed} is not asked again in this slot`, { reason, message });
    return ApplicationFailure.create({
      message: `${feed}: ${reason}: ${message}`,
      type: reason,
      nonRetryable: !fits || FINAL_REASONS.has(reason),
      nextRetryDelay: delayMs,
      details: [outcome],
      // A feed in trouble is an everyday thing, kept in the outcomes; it is no error of this program.
      category: ApplicationFailureCategory.BENIGN,
    });
  }

  private misconfigured(message: string): ApplicationFailure {
    const { feed } = this.input;
    const outcome: Outcome = { feed, outcome: 'missed', reason: 'misconfigured', key: null, attempts: 0 };
    return ApplicationFailure.nonRetryable(message, 'misconfigured', outcome);
  }
}

/** Why an answer is a wrong one; null for a good one. */
async function judge(deps: AcquireDeps, source: Source, { status, body }: Answer): Promise<Rejection | null> {
  if (status >= 200 && status <= 299) return deps.judge({ source: source.name, body });
  return { reason: `http_${status}`, message: `the answer's HTTP status is ${status}` };
}

/** The wait that the server asks for, where it does so in seconds. */
function retryAfterMs(answer: Answer): number | null {
  const seconds = Number(answer.headers['retry-after'] ?? NaN);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null;
}

/** The outcome of a good answer. While it waits in the spool it does not count as stored, since this machine alone has it. */
async function stored({ raw }: Polling, feed: string, key: string): Promise<Outcome> {
  const attempts = Math.max(1, activityInfo().attempt);
  if (await raw.isWaiting(key)) return { feed, outcome: 'missed', reason: 'spooled', key, attempts };
  return { feed, outcome: 'stored', reason: null, key, attempts };
}

/** The answers that a slot has already, in the order of receipt. */
function answersOf(deps: Polling, { feed, slot }: PollInput, kind: RawKind): Promise<RawObject[]> {
  const day = dayOf(slot, deps.timeZone);
  const isOver = dayBounds(day, deps.timeZone).end <= deps.now();
  return (isOver ? listRawSlot : listUnsealedSlot)(deps.raw, kind, feed, day, slot);
}

/** The feeds as the collection log has them for a slot; for the slot that runs now, as it has them now. */
async function feedsAt({ collection, now }: Polling, slot: Slot): Promise<FeedState[]> {
  const nowMs = now();
  const current = await collection.at(nowMs);
  const isRunning = nowMs >= slot && nowMs < slot + (current?.interval_minutes ?? 0) * 60_000;
  const held = isRunning ? current : await collection.at(slot);
  return held?.feeds ?? [];
}

function pollingOf(deps: AcquireDeps): Polling {
  const { raw, spool, collectionFile = null, gate = new StoreGate(raw.url) } = deps;
  const onFallback = (error: unknown) => {
    log.warn('the raw store does not answer: the feeds are those that it had last', { error: String(error) });
  };
  const collection = new KnownCollection(raw, gate, collectionFile, onFallback);
  return { ...deps, raw: new PollStore(raw, spool, gate), collection };
}
