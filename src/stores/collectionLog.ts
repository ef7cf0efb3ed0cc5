import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { addDays, type Day, dayBounds, dayOf } from '../domain/day.js';
import { formatInstant, parseInstant } from '../domain/instant.js';
import { ownInterval } from '../domain/slot.js';
import { FEED_NAME } from '../sources/source.js';
import { ObjectNotFound, type Store } from './store.js';

/**
 * The collection log records which feeds were to be polled, at which interval, from when to when. It is stored in the
 * raw store and written at every change. Expected slots are derived from the collection log and from nothing else.
 *
 * - `collection/<collector>/<instant>-<digest>.json`: this collector polls these feeds from that instant on
 * - `collection/import/<day>/<feed>.json`: polls of that feed and day were imported
 *
 * A collector is one raw store. Its id is in `collector.json`. Importing another store does not copy
 * `collector.json`; therefore the union of two stores contains the logs of both collectors.
 */
const feedStateSchema = z.looseObject({
  name: z.string().regex(FEED_NAME),
  source: z.string(),
  url: z.string().optional(),
  /** How the feed recognises this client, as `parseAuth` reads it. Names secrets, and never contains one. */
  auth: z.array(z.string()).optional(),
  /** The feed's own interval, longer than the entry's. Absent: the entry's interval. See {@link intervalOf}. */
  interval_minutes: z.number().int().positive().optional(),
  /** The largest answer of the feed that is accepted, in bytes. Absent: the limits of the settings. */
  max_body_bytes: z.number().int().positive().optional(),
  paused: z.boolean(),
});

/** An object's declared members, without those of later versions. */
type Declared<T> = { [Name in keyof T as string extends Name ? never : Name]: T[Name] };

/**
 * A feed in the collection log. Slots of a paused feed are still expected, and count as missed with reason `paused`.
 * A later version may have stored members that this version does not know. They stay when this version writes the feed
 * again.
 */
export type FeedState = Declared<z.infer<typeof feedStateSchema>>;

export const entrySchema = z.looseObject({
  version: z.literal(1),
  /** ISO instant at which the entry becomes valid. It stays valid until the collector's next entry. */
  at: z.string(),
  reason: z.string(),
  interval_minutes: z.number().int().positive(),
  feeds: z.array(feedStateSchema),
  /** Value of LADEPULS_FEEDS if it named the feeds; otherwise null. Another value later causes a new entry. */
  setting: z.string().nullable(),
});

export type CollectionEntry = Omit<Declared<z.infer<typeof entrySchema>>, 'feeds'> & { feeds: FeedState[] };

/** Return the interval in minutes at which a feed is polled according to an entry. */
export function intervalOf(
  { interval_minutes: wanted }: Pick<FeedState, 'interval_minutes'>,
  entry: Pick<CollectionEntry, 'interval_minutes'>,
): number {
  return wanted === undefined ? entry.interval_minutes : ownInterval(wanted, entry.interval_minutes);
}

const importSchema = z.object({
  version: z.literal(1),
  feed: z.string(),
  source: z.string(),
  day: z.string(),
  interval_minutes: z.number().int().positive(),
});

/** A period in which a feed was to be polled. Half-open, milliseconds since the epoch. */
export interface Expectation {
  feed: string;
  startMs: number;
  endMs: number;
  intervalMinutes: number;
  paused: boolean;
}

const COLLECTOR_KEY = 'collector.json';
const IMPORTS = 'import';

/** Caches for every poll: the collector's id, and the entry that was read last. Neither ever changes in the store. */
const ids = new WeakMap<Store, string>();
const lastEntries = new WeakMap<Store, { key: string; entry: CollectionEntry }>();

/**
 * Return the id of the collector that owns this raw store. Creates the id at the first call.
 *
 * @throws ObjectNotFound when the id can't be read although it was just written
 */
export async function collectorId(store: Store): Promise<string> {
  const known = await knownCollectorId(store);
  if (known !== null) return known;
  await store.putNew(COLLECTOR_KEY, Buffer.from(JSON.stringify({ collector: randomUUID() })));
  const made = await knownCollectorId(store); // another process may have created it first
  if (made === null)
    throw new ObjectNotFound(
      `"${COLLECTOR_KEY}" in ${store.url} was written but can't be read back. Check whether another program removes objects.`,
    );
  return made;
}

/** Return the id of the collector that owns this raw store; null when it has none yet. Writes nothing. */
export async function knownCollectorId(store: Store): Promise<string | null> {
  const known = ids.get(store);
  if (known !== undefined) return known;
  const body = await readIfThere(store, COLLECTOR_KEY);
  return body === null ? null : rememberId(store, body);
}

function rememberId(store: Store, body: Buffer): string {
  const { collector } = readRecord(z.object({ collector: z.string() }), COLLECTOR_KEY, body);
  ids.set(store, collector);
  return collector;
}

/** Return whether a store is a raw store with a collection log of its own. Reads the store, never the cache. */
export async function hasCollectionLog(store: Store): Promise<boolean> {
  const body = await readIfThere(store, COLLECTOR_KEY);
  if (body === null) return false;
  const log = store.list(`collection/${rememberId(store, body)}/`)[Symbol.asyncIterator]();
  try {
    return (await log.next()).done !== true;
  } finally {
    await log.return?.();
  }
}

/** Return this collector's entry that was valid at an instant; null before the first entry. Writes nothing. */
export async function collectionAt(store: Store, instantMs: number): Promise<CollectionEntry | null> {
  const known = ids.get(store);
  if (known !== undefined) return entryAt(store, known, instantMs);
  const body = await readIfThere(store, COLLECTOR_KEY);
  return body && entryAt(store, rememberId(store, body), instantMs);
}

async function entryAt(store: Store, collector: string, instantMs: number): Promise<CollectionEntry | null> {
  let latest: string | null = null;
  for await (const { key } of store.list(`collection/${collector}/`)) {
    if (entryInstant(key) <= instantMs) latest = key;
  }
  if (latest === null) return null;
  const last = lastEntries.get(store);
  if (last?.key === latest) return last.entry;
  const entry = await readEntry(store, latest);
  lastEntries.set(store, { key: latest, entry });
  return entry;
}

/** Write an entry: from `entry.at` on, this collector polls these feeds. */
export async function recordCollection(store: Store, entry: Omit<CollectionEntry, 'version'>): Promise<void> {
  const body = JSON.stringify({ version: 1, ...entry } satisfies CollectionEntry);
  const digest = createHash('sha256').update(body).digest('hex').slice(0, 8);
  const instant = formatInstant(Date.parse(entry.at));
  await store.putNew(`collection/${await collectorId(store)}/${instant}-${digest}.json`, Buffer.from(body));
}

/** Record that polls of a feed and day were imported. Idempotent. */
export async function recordImport(
  store: Store,
  imported: { feed: string; source: string; day: Day; intervalMinutes: number },
): Promise<void> {
  const { intervalMinutes, ...rest } = imported;
  const entry = { version: 1, ...rest, interval_minutes: intervalMinutes } satisfies z.infer<
    typeof importSchema
  >;
  await store.putNew(
    `collection/${IMPORTS}/${rest.day}/${rest.feed}.json`,
    Buffer.from(JSON.stringify(entry)),
  );
}

/**
 * Return every period between two instants in which a feed was to be polled, for all collectors and imports. Periods
 * of one feed overlap when two collectors polled the feed.
 */
export async function expectations(
  store: Store,
  range: { startMs: number; endMs: number },
  timeZone: string,
): Promise<Expectation[]> {
  const collectors = (await store.listFolders('collection/')).filter((name) => name !== IMPORTS);
  const found = await Promise.all([
    importExpectations(store, range, timeZone),
    ...collectors.map((collector) => collectorExpectations(store, collector, range.endMs)),
  ]);
  return found
    .flat()
    .map((e) => ({
      ...e,
      startMs: Math.max(e.startMs, range.startMs),
      endMs: Math.min(e.endMs, range.endMs),
    }))
    .filter((e) => e.startMs < e.endMs);
}

/**
 * Return the last `count` days on which any feed was to be polled, in order. The day of `nowMs` may be one of them.
 */
export async function lastExpectedDays(
  store: Store,
  count: number,
  nowMs: number,
  timeZone: string,
): Promise<Day[]> {
  const names = await store.listFolders('collection/');
  const collectors = names.filter((name) => name !== IMPORTS);
  const stretches = await Promise.all(collectors.map((name) => collectorExpectations(store, name, nowMs)));
  const days = new Set(
    names.length > collectors.length ? await store.listFolders(`collection/${IMPORTS}/`) : [],
  );
  for (const { startMs, endMs } of uniqueSpans(stretches.flat())) {
    const first = dayOf(startMs, timeZone);
    const last = dayOf(endMs - 1, timeZone);
    for (let day = last, left = count; day >= first && left > 0; day = addDays(day, -1), left--)
      days.add(day);
  }
  return [...days].sort().slice(-count);
}

function uniqueSpans(stretches: Expectation[]): Expectation[] {
  return [...new Map(stretches.map((stretch) => [`${stretch.startMs} ${stretch.endMs}`, stretch])).values()];
}

async function collectorExpectations(store: Store, collector: string, endMs: number): Promise<Expectation[]> {
  const entries = await collectorEntries(store, collector);
  return entries.flatMap((entry, index) => {
    const next = entries[index + 1];
    return entry.feeds.map((feed) => ({
      feed: feed.name,
      startMs: Date.parse(entry.at),
      endMs: next ? Date.parse(next.at) : endMs,
      intervalMinutes: intervalOf(feed, entry),
      paused: feed.paused,
    }));
  });
}

async function importExpectations(
  store: Store,
  range: { startMs: number; endMs: number },
  timeZone: string,
): Promise<Expectation[]> {
  const found: Expectation[] = [];
  for (const day of await store.listFolders(`collection/${IMPORTS}/`)) {
    const { start, end } = dayBounds(day, timeZone);
    if (end <= range.startMs || start >= range.endMs) continue;
    for await (const { key } of store.list(`collection/${IMPORTS}/${day}/`)) {
      const entry = readRecord(importSchema, key, await store.get(key));
      found.push({
        feed: entry.feed,
        startMs: start,
        endMs: end,
        intervalMinutes: entry.interval_minutes,
        paused: false,
      });
    }
  }
  return found;
}

async function collectorEntries(store: Store, collector: string): Promise<CollectionEntry[]> {
  const entries: CollectionEntry[] = [];
  for await (const { key } of store.list(`collection/${collector}/`))
    entries.push(await readEntry(store, key));
  return entries;
}

async function readEntry(store: Store, key: string): Promise<CollectionEntry> {
  return readRecord(entrySchema, key, await store.get(key));
}

/**
 * Parse an object of the log.
 *
 * @throws Error with one line that names the object, when the content is not valid
 */
function readRecord<T>(schema: z.ZodType<T>, key: string, body: Buffer): T {
  try {
    return schema.parse(JSON.parse(body.toString()));
  } catch (error) {
    throw new Error(
      `${key} in the raw store is damaged: its content is not valid. Restore the object from a copy of the raw store.`,
      { cause: error },
    );
  }
}

/**
 * Parse the instant of an entry's key. File names begin with the instant, so that entries are listed in time order.
 */
function entryInstant(key: string): number {
  const instant = key.slice(key.lastIndexOf('/') + 1).split('-', 1)[0] ?? '';
  return parseInstant(instant);
}

async function readIfThere(store: Store, key: string): Promise<Buffer | null> {
  try {
    return await store.get(key);
  } catch (error) {
    if (error instanceof ObjectNotFound) return null;
    throw error;
  }
}
