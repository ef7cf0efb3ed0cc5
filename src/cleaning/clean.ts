import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Exclusions, noExclusions } from '../domain/exclusions.js';
import { FLAT_FILES, type FlatFile } from '../domain/flatFiles.js';
import { ledgerFaults } from '../domain/ledger.js';
import { readAnswer } from '../sources/readAnswer.js';
import { sourceByName, UnknownSource } from '../sources/registry.js';
import { BadAnswer } from '../sources/source.js';
import { type FlatManifest, flatKey, type FlatSet, putManifest } from '../stores/flat.js';
import { getRaw, listRaw, type RawObject, UnreadableObject } from '../stores/raw.js';
import { ObjectNotFound, type Store } from '../stores/store.js';
import { FeedDay } from './feedDay.js';
import { flatLines } from './flatLines.js';

/** Answers read ahead of the one that is being cleaned: hides the store's latency, bounds the memory. */
const READ_AHEAD = 4;
/** Text handed to the compressor at once. */
const BLOCK_CHARS = 256 * 1024;
/** Fast: the files are read once or twice, minutes later. */
const GZIP_LEVEL = 1;

/**
 * Cleans one feed's day: reads its good answers from the raw store in the order of their slots, and
 * leaves a set of flat files with a manifest. The same raw store gives the same files, byte for byte.
 *
 * Of a slot's answers the earliest readable one counts; the rest is surplus. Memory: one answer and
 * the day's observations of one feed.
 */
export async function cleanFeedDay(
  stores: { raw: Store; flat: Store },
  set: FlatSet,
  exclusions: Exclusions = noExclusions(),
): Promise<FlatManifest> {
  const slots = new Map<number, RawObject[]>();
  const inventory = createHash('sha256');
  for await (const object of listRaw(stores.raw, 'polls', set.feed, set.day)) {
    inventory.update(object.key + '\n');
    const others = slots.get(object.slot);
    if (others) others.push(object);
    else slots.set(object.slot, [object]);
  }
  const day = await readDay(stores.raw, set.feed, slots, exclusions);
  const faults = ledgerFaults(day.ledger);
  if (faults.length > 0)
    throw new Error(`cleaning lost records, which is a fault of the program: ${faults.join('; ')}`);
  const rows = await writeFlatFiles(stores.flat, set, day);
  const manifest: FlatManifest = {
    version: 1,
    day: set.day,
    feed: set.feed,
    inventory: inventory.digest('hex'),
    rows,
    ledger: day.ledger,
  };
  await putManifest(stores.flat, set, manifest);
  return manifest;
}

/** The digest of a feed's good answers of a day: equal as long as cleaning them would give the same. */
export async function inventoryDigest(raw: Store, feed: string, day: string): Promise<string> {
  const inventory = createHash('sha256');
  for await (const { key } of listRaw(raw, 'polls', feed, day)) inventory.update(key + '\n');
  return inventory.digest('hex');
}

async function readDay(
  raw: Store,
  feed: string,
  slots: Map<number, RawObject[]>,
  exclusions: Exclusions,
): Promise<FeedDay> {
  const day = new FeedDay(feed, exclusions);
  for await (const { objects, first } of readAhead(raw, slots)) {
    day.ledger.bodies += objects.length;
    let tried = 0;
    for (const object of objects) {
      const fetched = tried === 0 ? first : await fetchRaw(raw, object.key);
      tried++;
      if (addAnswer(day, object, fetched)) break; // where it was unreadable, the next one takes its place
    }
    day.ledger.surplus += objects.length - tried;
  }
  return day;
}

/** Whether the object could be read; where not, that is counted and written down. */
function addAnswer(day: FeedDay, object: RawObject, fetched: Fetched): boolean {
  try {
    if (fetched instanceof UnreadableObject) throw fetched;
    const source = sourceByName(fetched.meta.source);
    day.addPoll(object, source, readAnswer(source, fetched.body));
    day.ledger.parsed++;
    return true;
  } catch (error) {
    const reason = reasonUnreadable(error);
    if (reason === null) throw error;
    const place = { slotMs: object.slot, key: object.key };
    day.findings.quarantine(place, { entity: 'poll', id: object.key, path: '$', reason });
    day.ledger.unreadable++;
    return false;
  }
}

/** Why an answer can't be read, as a word; null where the error is about something else. */
function reasonUnreadable(error: unknown): string | null {
  if (error instanceof BadAnswer) return error.reason;
  if (error instanceof UnknownSource) return 'unknown_source';
  return error instanceof UnreadableObject ? 'damaged' : null;
}

type Fetched = { meta: { source: string }; body: Buffer } | UnreadableObject;

/** Every slot's answers with the first one's content, some slots ahead. */
async function* readAhead(
  raw: Store,
  slots: Map<number, RawObject[]>,
): AsyncGenerator<{ objects: RawObject[]; first: Fetched }> {
  const ahead: { objects: RawObject[]; first: Promise<Fetched> }[] = [];
  for (const objects of slots.values()) {
    const first = fetchRaw(raw, (objects[0] as RawObject).key);
    first.catch(() => undefined); // it is awaited below; a rejection must not be unhandled before
    ahead.push({ objects, first });
    if (ahead.length > READ_AHEAD) yield* next(ahead);
  }
  while (ahead.length > 0) yield* next(ahead);
}

async function* next(ahead: { objects: RawObject[]; first: Promise<Fetched> }[]) {
  const head = ahead.shift();
  if (head) yield { objects: head.objects, first: await head.first };
}

async function fetchRaw(raw: Store, key: string): Promise<Fetched> {
  try {
    return await getRaw(raw, key);
  } catch (error) {
    if (error instanceof UnreadableObject) return error;
    // Another process may be sealing or moving: that is for the whole activity to try again.
    if (error instanceof ObjectNotFound)
      throw new Error(`${key} vanished while its day was being cleaned`, { cause: error });
    throw error;
  }
}

async function writeFlatFiles(flat: Store, set: FlatSet, day: FeedDay): Promise<Record<FlatFile, number>> {
  const rows = {} as Record<FlatFile, number>;
  for (const file of Object.keys(FLAT_FILES) as FlatFile[]) {
    rows[file] = await writeFlatFile(flat, flatKey(set, file), FLAT_FILES[file], flatLines(file, day));
    if (rows[file] === 0) await flat.remove(flatKey(set, file)); // what an earlier attempt may have left
  }
  return rows;
}

async function writeFlatFile(
  flat: Store,
  key: string,
  columns: readonly string[],
  lines: Iterable<string>,
): Promise<number> {
  let rows = 0;
  function* blocks(): Generator<string> {
    let block = columns.join(',') + '\n';
    for (const line of lines) {
      block += line;
      rows++;
      if (block.length > BLOCK_CHARS) {
        yield block;
        block = '';
      }
    }
    yield block;
  }
  const gzip = createGzip({ level: GZIP_LEVEL });
  // A fault in a line must end the writing; with pipe() the compressor would wait for more for ever.
  await Promise.all([pipeline(blocks(), gzip), flat.putStream(key, gzip)]);
  return rows;
}
