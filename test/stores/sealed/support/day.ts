import { type Day, slotsOfDay } from '../../../../src/domain/day.js';
import type { Outcome } from '../../../../src/domain/outcome.js';
import type { Slot } from '../../../../src/domain/slot.js';
import { inventoryDigest } from '../../../../src/cleaning/inventory.js';
import { recordCollection } from '../../../../src/stores/collectionLog.js';
import { readCoverage } from '../../../../src/stores/coverage.js';
import {
  listStored,
  firstRaw,
  getRaw,
  listRaw,
  listRawSlot,
  putRaw,
  type RawKind,
  type RawMeta,
  UnreadableObject,
} from '../../../../src/stores/raw.js';
import { readRawDay } from '../../../../src/stores/rawDay.js';
import { lastSlotRun, putSlotRun } from '../../../../src/stores/slotRuns.js';
import type { Store } from '../../../../src/stores/store.js';

export const TIME_ZONE = 'Europe/Berlin';
export const DAY: Day = '2022-01-11';
const KINDS = ['accepted', 'rejected'] as const;
const SLOTS = slotsOfDay(DAY, TIME_ZONE, 10);

/** Return a slot of {@link DAY}, from 0 to 143. */
export function slotAt(index: number): Slot {
  return SLOTS[index] ?? NaN;
}

export interface TestAnswer {
  feed: string;
  kind?: RawKind;
  slotIndex: number;
  /** Milliseconds after the slot. */
  laterMs?: number;
  body: Buffer | string;
  attempts?: number;
}

/** Store an answer as an object of its own. Returns its key. */
export async function putAnswer(store: Store, answer: TestAnswer): Promise<string> {
  const { feed, kind = 'accepted', slotIndex, laterMs = 3_000, body, attempts = 1 } = answer;
  const slot = slotAt(slotIndex);
  const origin = {
    feed,
    source: 'chargecloud',
    url: `http://127.0.0.1/${feed}`,
    origin: 'poll',
    started_at: new Date(slot + laterMs - 1_000).toISOString(),
    http_status: kind === 'accepted' ? 200 : 500,
    attempts,
    reason: kind === 'accepted' ? null : 'http_500',
    file: null,
  } as const;
  const place = { slot, day: DAY, receivedMs: slot + laterMs };
  return putRaw(store, kind, { ...origin, ...place }, Buffer.from(body));
}

/** Store the record of a slot run. */
export function putRun(
  store: Store,
  slotIndex: number,
  id: string,
  outcomes: Record<string, string | null>,
): Promise<void> {
  return putSlotRun(store, DAY, slotAt(slotIndex), {
    workflow_id: `acquireSlot-${slotIndex}`,
    run_id: id,
    recorded_at: new Date(slotAt(slotIndex) + 540_000).toISOString(),
    outcomes: Object.entries(outcomes).map(([feed, reason]): Outcome => {
      const outcome = reason === null ? 'stored' : 'missed';
      return { feed, outcome, reason, key: null, attempts: 1 };
    }),
  });
}

/** Record that these feeds are polled from the first slot of the day. */
export function expectFeeds(store: Store, feeds: readonly string[]): Promise<void> {
  return recordCollection(store, {
    at: new Date(slotAt(0)).toISOString(),
    reason: 'start',
    interval_minutes: 10,
    feeds: feeds.map((name) => ({ name, source: 'chargecloud', paused: false })),
    setting: null,
  });
}

/** Return everything that readers can see of a day. Two stores with equal results are equivalent for readers. */
export async function seen(store: Store, feeds: readonly string[]): Promise<unknown> {
  const { signal } = new AbortController();
  const span = { days: [DAY], timeZone: TIME_ZONE, nowMs: slotAt(0) + 48 * 3_600_000, signal };
  const coverage = await readCoverage(store, span);
  const last = await lastSlotRun(store);
  const answers = [];
  for (const feed of feeds) {
    for (const kind of KINDS) {
      answers.push({
        feed,
        kind,
        first: await firstKey(store, kind, feed),
        ...(await read(store, kind, feed)),
      });
    }
    answers.push(inventoryDigest(await listStored(store, 'accepted', feed, DAY)));
  }
  return { coverage, last, answers };
}

async function firstKey(store: Store, kind: RawKind, feed: string): Promise<string | undefined> {
  return (await firstRaw(store, kind, feed, DAY))?.key;
}

/** Read a feed's answers of the day, in order. */
export function read(
  store: Store,
  kind: RawKind,
  feed: string,
): Promise<{ keys: string[]; contents: string[] }> {
  return readRawDay(store, kind, feed, DAY, async (rawDay) => {
    const contents = await Promise.all(rawDay.objects.map((object) => readable(() => rawDay.read(object))));
    return { keys: rawDay.objects.map(({ key }) => key), contents };
  });
}

async function readable(reading: () => Promise<{ meta: RawMeta; body: Buffer }>): Promise<string> {
  try {
    const { meta, body } = await reading();
    return JSON.stringify({ meta, body: body.toString('base64') });
  } catch (error) {
    if (error instanceof UnreadableObject) return 'unreadable';
    throw error;
  }
}

/** Read the same answers as {@link seen}, one by one. */
export async function seenOneByOne(store: Store, kind: RawKind, feed: string): Promise<Map<string, string>> {
  const contents = new Map<string, string>();
  for await (const { key, slot } of listRaw(store, kind, feed, DAY)) {
    const ofSlot = await listRawSlot(store, kind, feed, DAY, slot);
    if (!ofSlot.some((object) => object.key === key)) throw new Error(`${key} is not in its slot`);
    contents.set(key, await readable(() => getRaw(store, key)));
  }
  return contents;
}

/** List the keys of a store's objects below a prefix. */
export async function keysBelow(store: Store, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}
