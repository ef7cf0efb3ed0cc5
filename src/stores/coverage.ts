import pMap from 'p-map';
import {
  type Coverage,
  countSlots,
  findGaps,
  type Gap,
  type JudgedSlot,
  judgeSlots,
} from '../domain/coverage.js';
import { type Day, dayBounds } from '../domain/day.js';
import { formatSlot, isSlot, parseSlot, type Slot } from '../domain/slot.js';
import { type Expectation, expectations } from './collectionLog.js';
import { getRaw, listRawDays, listRawFeeds, listRawSlot, type RawKind } from './raw.js';
import { getSlotRun, listSlotRuns, type SlotRun } from './slotRuns.js';
import type { Store } from './store.js';

/** What became of a feed's slots on some days. */
export interface FeedCoverage {
  feed: string;
  days: ({ day: Day } & Coverage)[];
  total: Coverage;
  /** Over all the days: a gap may go on from one to the next. */
  gaps: Gap[];
  /** Slots with a good answer in which nobody was to poll the feed. */
  unexpected: number;
}

/** Requests to the store under way at once. */
const READS_AT_ONCE = 24;
/** Reasons that say little: another run's of the same slot says more. */
const WEAK_REASONS: ReadonlySet<string> = new Set(['late', 'paused']);
/** An answer was stored, and is there no more. */
const GONE = 'gone';

interface Span {
  days: readonly Day[];
  timeZone: string;
  /** Milliseconds since the epoch. */
  nowMs: number;
  signal: AbortSignal;
}

/**
 * Which slots of some days, in order, were stored, failed and missed, feed by feed, in the order of the feeds' names.
 * It lists the raw store, and reads only the records of slots that are not stored.
 *
 * A slot counts as stored by the folder of its answers, so that one request lists a day. (On `file:`, a writer that is
 * killed in the very moment between making that folder and filling it leaves an empty one.)
 */
export async function readCoverage(store: Store, span: Span): Promise<FeedCoverage[]> {
  const { days, timeZone, nowMs } = span;
  const bounds = days.map((day) => ({ day, ...dayBounds(day, timeZone) }));
  const startMs = bounds[0]?.start ?? 0;
  const endMs = bounds.at(-1)?.end ?? 0;
  const stretches = byFeed(await expectations(store, { startMs, endMs }, timeZone));
  const names = [...new Set([...stretches.keys(), ...(await listRawFeeds(store, 'polls'))])].sort();
  const listed = await pMap(names, (feed) => listSlots(store, feed, span), atOnce(span));
  const read = listed.map((slots) => ({ ...slots, expected: stretches.get(slots.feed) ?? [] }));
  const reasons = await readReasons(store, read, span);
  const covered = read.map((feed) => {
    const evidence = { ...feed, reasons: reasons.get(feed.feed) ?? new Map<Slot, string>() };
    const judged = judgeSlots(feed.expected, evidence, nowMs);
    return coverFeed(feed, judged, bounds);
  });
  return covered.filter(({ total, unexpected }) => total.expected + unexpected > 0);
}

function byFeed(stretches: Expectation[]): Map<string, Expectation[]> {
  const grouped = new Map<string, Expectation[]>();
  for (const stretch of stretches) {
    const known = grouped.get(stretch.feed);
    if (known) known.push(stretch);
    else grouped.set(stretch.feed, [stretch]);
  }
  return grouped;
}

interface ListedFeed {
  feed: string;
  stored: Set<Slot>;
  answered: Set<Slot>;
}

function coverFeed(
  { feed, stored }: ListedFeed,
  judged: JudgedSlot[],
  bounds: { day: Day; start: number; end: number }[],
): FeedCoverage {
  const expected = new Set(judged.map(({ slot }) => slot));
  return {
    feed,
    days: bounds.map(({ day, start, end }) => ({
      day,
      ...countSlots(judged.filter(({ slot }) => slot >= start && slot < end)),
    })),
    total: countSlots(judged),
    gaps: findGaps(judged),
    unexpected: [...stored].filter((slot) => !expected.has(slot)).length,
  };
}

async function listSlots(store: Store, feed: string, span: Span): Promise<ListedFeed> {
  const [stored, answered] = await Promise.all([
    listSlotsOf(store, 'polls', feed, span),
    listSlotsOf(store, 'answers', feed, span),
  ]);
  return { feed, stored, answered };
}

async function listSlotsOf(store: Store, kind: RawKind, feed: string, { days }: Span): Promise<Set<Slot>> {
  const there = new Set(await listRawDays(store, kind, feed));
  const slots = new Set<Slot>();
  for (const day of days.filter((wanted) => there.has(wanted)))
    for (const name of await store.listFolders(`${kind}/${feed}/${day}/`))
      if (isSlot(name)) slots.add(parseSlot(name));
  return slots;
}

type ReasonsByFeed = Map<string, Map<Slot, string>>;

/** Why expected slots are not stored: as the slots' runs say; where these are silent, as the wrong answers do. */
async function readReasons(
  store: Store,
  feeds: (ListedFeed & { expected: Expectation[] })[],
  span: Span,
): Promise<ReasonsByFeed> {
  const open = new Map(
    feeds.map((feed) => {
      const slots = judgeSlots(feed.expected, { ...feed, reasons: new Map() }, span.nowMs);
      return [feed.feed, slots.filter(({ outcome }) => outcome !== 'stored')];
    }),
  );
  const reasons = await readRunReasons(
    store,
    new Set([...open.values()].flat().map(({ slot }) => slot)),
    span,
  );
  const silent = [...open].flatMap(([feed, slots]) =>
    slots
      .filter(({ slot, outcome }) => outcome === 'failed' && !reasons.get(feed)?.has(slot))
      .map(({ slot }) => ({ feed, slot })),
  );
  await pMap(
    silent,
    async ({ feed, slot }) => {
      const reason = await reasonOfAnswer(store, feed, slot, span);
      if (reason !== null) tell(reasons, feed, slot, reason);
    },
    atOnce(span),
  );
  return reasons;
}

async function readRunReasons(store: Store, slots: ReadonlySet<Slot>, span: Span): Promise<ReasonsByFeed> {
  const keys: string[] = [];
  if (slots.size > 0) {
    for (const day of span.days)
      for await (const { key, slot } of listSlotRuns(store, day)) if (slots.has(slot)) keys.push(key);
  }
  const runs = await pMap(keys, (key) => getSlotRun(store, key), atOnce(span));
  const reasons: ReasonsByFeed = new Map();
  for (const run of runs.sort(byRecord)) {
    const slot = parseSlot(run.slot);
    for (const { feed, outcome, reason } of run.outcomes) {
      tell(reasons, feed, slot, reason ?? (outcome === 'stored' ? GONE : outcome));
    }
  }
  return reasons;
}

function byRecord(a: SlotRun, b: SlotRun): number {
  return Date.parse(a.recorded_at) - Date.parse(b.recorded_at);
}

/** The first reason that says something stays. */
function tell(reasons: ReasonsByFeed, feed: string, slot: Slot, reason: string): void {
  const known = reasons.get(feed) ?? new Map<Slot, string>();
  reasons.set(feed, known);
  const told = known.get(slot);
  if (told === undefined || (WEAK_REASONS.has(told) && !WEAK_REASONS.has(reason))) known.set(slot, reason);
}

async function reasonOfAnswer(
  store: Store,
  feed: string,
  slot: Slot,
  { days, timeZone }: Span,
): Promise<string | null> {
  const day = days.find((candidate) => dayBounds(candidate, timeZone).end > slot);
  if (day === undefined) throw new RangeError(`${formatSlot(slot)} is on none of the days`);
  const last = (await listRawSlot(store, 'answers', feed, day, slot)).at(-1);
  return last ? (await getRaw(store, last.key)).meta.reason : null;
}

function atOnce({ signal }: Span) {
  return { concurrency: READS_AT_ONCE, signal };
}
