import { createHash } from 'node:crypto';
import type { AcquireActivities } from '../../../src/activities/registry.js';
import { acquireActivities } from '../../../src/app/activities.js';
import { formatSlot, parseSlot, type Slot } from '../../../src/domain/slot.js';
import type { FeedContent } from '../../../src/simulation/feed/content.js';
import type { LogEntry } from '../../../src/simulation/feed/requestLog.js';
import { type SimulatedFeed, startSimulatedFeed } from '../../../src/simulation/feed/server.js';
import { judge } from '../../support/intake.js';
import { type AnswerClient, createAnswerClient } from '../../../src/sources/answer.js';
import { recordCollection } from '../../../src/stores/collectionLog.js';
import type { Store } from '../../../src/stores/store.js';
import { INTERVAL_MINUTES, TIME_ZONE } from './system.js';

export interface SlotFeedOptions {
  content: FeedContent;
  /** In the order of time: of a recording, each gets its next poll. */
  slots: readonly Slot[];
  /** From a slot to its polls. Absent: three seconds. */
  delayMs?: number;
}

/** A good answer that the server gave. */
export interface GoodAnswer {
  feed: string;
  slot: Slot;
  body: string;
}

const DEFAULT_DELAY_MS = 3_000;

/**
 * A simulated feed and the polls of it, in slots of the past, several at once. A real feed only knows now; this one is
 * asked about each slot at an address of its own, `<url>/<slot>/<feed>`, and answers as of that slot. Under that name
 * the request stands in the server's log, and can be made to fail.
 */
export class SlotFeed {
  private readonly client: AnswerClient;

  private constructor(
    readonly server: SimulatedFeed,
    private readonly options: Required<SlotFeedOptions>,
  ) {
    this.client = createAnswerClient({
      userAgent: 'ladepuls-test',
      connectTimeoutMs: 10_000,
      totalTimeoutMs: 60_000,
      maxBodyBytes: 16e6,
      maxEncodedBytes: 8e6,
      maxSocketsPerHost: 4,
    });
  }

  static async start(options: SlotFeedOptions): Promise<SlotFeed> {
    const complete = { delayMs: DEFAULT_DELAY_MS, ...options };
    return new SlotFeed(await startSimulatedFeed({ contents: [bySlot(complete)] }), complete);
  }

  /** The name of a feed's poll in the server's log and for its faults. */
  poll(slot: Slot, feed: string): string {
    return `${formatSlot(slot)}/${feed}`;
  }

  /** Writes into the collection log that the feeds are polled from the first slot on. */
  async recordCollection(raw: Store): Promise<void> {
    await recordCollection(raw, {
      at: new Date(this.options.slots[0] ?? 0).toISOString(),
      reason: 'test',
      interval_minutes: INTERVAL_MINUTES,
      feeds: this.options.content.feeds.map((name) => ({ name, source: 'chargecloud', paused: false })),
      setting: null,
    });
  }

  /** The real activities, each called with a clock that shows its slot's time and the address of its slot. */
  activities(raw: Store): AcquireActivities {
    const at = (slot: Slot) => {
      const now = () => slot + this.options.delayMs;
      return acquireActivities({
        raw,
        client: withClock(this.client, now),
        judge,
        maxBodyBytes: 1_000_000,
        timeZone: TIME_ZONE,
        sources: { chargecloudUrl: `${this.server.url}/${formatSlot(slot)}` },
        now,
      });
    };
    return {
      planSlot: (input) => at(input.slot).planSlot(input),
      pollFeed: (input) => at(input.slot).pollFeed(input),
      recordSlot: (input) => at(input.slot).recordSlot(input),
    };
  }

  /**
   * What the server's log says it answered well, with the bodies worked out again.
   * @throws Error where that is not what the log has the checksum of
   */
  async goodAnswers(): Promise<GoodAnswer[]> {
    const good = this.server.log.filter(({ status, fault }) => status === 200 && fault === undefined);
    return Promise.all(good.map((entry) => this.answerOf(entry)));
  }

  async stop(): Promise<void> {
    this.client.close();
    await this.server.stop();
  }

  private async answerOf({ feed: poll, sha256 }: LogEntry): Promise<GoodAnswer> {
    const body = await bySlot(this.options).answer({ feed: poll, count: 0, statusMs: 0, answeredMs: 0 });
    if (body === null || sha256Of(body) !== sha256) throw new Error(`${poll} was answered otherwise`);
    const [, slot = '', feed = ''] = /^(.*)\/(.*)$/.exec(poll) ?? [];
    return { feed, slot: parseSlot(slot), body };
  }
}

/** The content with a feed for each slot and feed of it, which answers as of that slot, whenever it is asked. */
function bySlot({ content, slots, delayMs }: Required<SlotFeedOptions>): FeedContent {
  const polls = slots.flatMap((slot, count) =>
    content.feeds.map(
      (feed) => [`${formatSlot(slot)}/${feed}`, { feed, count, instantMs: slot + delayMs }] as const,
    ),
  );
  const known = new Map<string, (typeof polls)[number][1]>(polls);
  return {
    feeds: [...known.keys()],
    async answer({ feed: poll }) {
      const asked = known.get(poll);
      if (!asked) return null;
      const { feed, count, instantMs } = asked;
      return content.answer({ feed, count, statusMs: instantMs, answeredMs: instantMs });
    },
  };
}

function withClock(client: AnswerClient, now: () => number): AnswerClient {
  return {
    request: async (url, options) => ({
      ...(await client.request(url, options)),
      startedMs: now(),
      receivedMs: now(),
    }),
    close: () => undefined,
  };
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
