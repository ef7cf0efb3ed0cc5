import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { isInSlice, type FeedSlice } from '../domain/chunks.js';
import { type ExcludedSlots, isExcluded, NOTHING_EXCLUDED } from '../domain/corrections.js';
import { type Exclusions, noExclusions } from '../domain/exclusions.js';
import { FLAT_FILES, type FlatFile } from '../domain/flatFiles.js';
import { ledgerFaults } from '../domain/ledger.js';
import type { Slot } from '../domain/slot.js';
import { type AnswerLimits, DEFAULT_LIMITS } from '../sources/answerLimits.js';
import { DocumentsReader } from '../sources/answerReader.js';
import { sourceByName, UnknownSource } from '../sources/registry.js';
import { BadAnswer } from '../sources/source.js';
import { FLAT_VERSION, type FlatManifest, flatKey, type FlatSet, putManifest } from '../stores/flat.js';
import {
  documentsOf,
  listAccepted,
  type StoredAnswer,
  type RawObject,
  UnreadableObject,
  wholeFirst,
} from '../stores/raw.js';
import type { RawAnswer } from '../stores/rawObject.js';
import { type RawDay, readRawDay } from '../stores/rawDay.js';
import { readAhead } from '../stores/readAhead.js';
import type { Store } from '../stores/store.js';
import { FeedDay } from './feedDay.js';
import { flatLines } from './flatLines.js';
import { inventoryDigest } from './inventory.js';

/** Number of slots whose answers are read ahead of the slot that is being cleaned. */
const READ_AHEAD = 4;
/** Characters of text that are passed to the compressor in one block. */
const BLOCK_CHARS = 256 * 1024;
/** Fastest compression level, because the files are read only once or twice, minutes later. */
const GZIP_LEVEL = 1;

/** Error: a fault of the program prevents an answer from being cleaned. A retry does not help. */
export class CleaningFault extends Error {
  override name = 'CleaningFault';
}

/**
 * Error: a sealed object of the day can't be read to its end. The object was complete when it was written. Without its
 * answers, the day would be published with fewer facts than before.
 */
class SealedDamaged extends UnreadableObject {
  override name = 'SealedDamaged';
}

interface CleaningOptions {
  limits?: AnswerLimits | undefined;
  /** Whether answers of a damaged sealed object count as unreadable. Default: false, which throws `SealedDamaged`. */
  acceptsDamage?: boolean;
  /** The slots whose answers a correction excludes. Their answers are counted and not read. Default: none. */
  excluded?: ExcludedSlots;
}

/**
 * Clean one feed slice: read its accepted answers from the raw store in the order of their slots, and write a set of
 * flat files with a manifest. Idempotent: the same raw store gives the same files, byte for byte.
 *
 * Of the answers of a slot, the earliest readable answer with all its documents is cleaned; if there is none, the earliest
 * readable answer. Later answers are counted as surplus and are not read. An answer that exceeds the limits counts as
 * unreadable. Answers that a correction excludes are counted as excluded, and are not read. Memory holds a few answers,
 * and the observations of one feed on one day.
 *
 * @throws SealedDamaged when a sealed object can't be read to its end, unless `acceptsDamage`
 * @throws CleaningFault when the ledger does not add up, or reading an answer fails in an unknown way
 */
export async function cleanFeedDay(
  stores: { raw: Store; flat: Store },
  set: FlatSet,
  exclusions: Exclusions = noExclusions(),
  options: CleaningOptions = {},
): Promise<FlatManifest> {
  const { feed } = set;
  const read = (rawDay: RawDay) => readDay(rawDay, set, exclusions, options);
  const damage = { skipsDamaged: options.excluded?.isWholeDay === true };
  const { day, inventory } = await readRawDay(stores.raw, 'accepted', feed, set.day, read, damage);
  const faults = ledgerFaults(day.ledger);
  if (faults.length > 0)
    throw new CleaningFault(`cleaning lost records, which is a fault of the program: ${faults.join('; ')}`);
  return writeSet(stores.flat, set, day, inventory);
}

/**
 * Write a set of flat files for a feed slice that can't be cleaned: all its answers count as unreadable, with `reason`,
 * except those that are excluded. The answers stay in the raw store for a later load.
 */
export async function leaveOutFeedDay(
  stores: { raw: Store; flat: Store },
  set: FlatSet,
  { reason, excluded }: { reason: string; excluded: ExcludedSlots },
): Promise<void> {
  const day = new FeedDay(set.feed);
  const stored = await listAccepted(stores.raw, set.feed, set.day, excluded);
  const answers = stored.filter(({ slot }) => isInSlice(set, slot));
  for (const { key, slot } of leaveExcluded(day, answers, excluded)) {
    day.ledger.bodies++;
    day.ledger.unreadable++;
    day.findings.quarantine({ slotMs: slot, key }, { entity: 'poll', id: null, path: '$', reason });
  }
  await writeSet(stores.flat, set, day, inventoryDigest(answers, excluded));
}

async function writeSet(flat: Store, set: FlatSet, day: FeedDay, inventory: string): Promise<FlatManifest> {
  const rows = await writeFlatFiles(flat, set, day);
  const { feed, ledger } = day;
  const manifest: FlatManifest = { version: FLAT_VERSION, day: set.day, feed, inventory, rows, ledger };
  await putManifest(flat, set, manifest);
  return manifest;
}

async function readDay(
  rawDay: RawDay,
  slice: FeedSlice,
  exclusions: Exclusions,
  { limits = DEFAULT_LIMITS, acceptsDamage = false, excluded = NOTHING_EXCLUDED }: CleaningOptions,
): Promise<{ day: FeedDay; inventory: string }> {
  const day = new FeedDay(slice.feed, exclusions);
  const reader = new DocumentsReader(limits);
  const answers = rawDay.objects.filter(({ slot }) => isInSlice(slice, slot));
  const readFirst = async (objects: StoredAnswer[]) => ({
    objects,
    first: await readReadable(rawDay, objects[0] as StoredAnswer),
  });
  const counted = leaveExcluded(day, answers, excluded);
  for await (const { objects, first } of readAhead(bySlot(counted), READ_AHEAD, readFirst)) {
    day.ledger.bodies += objects.length;
    let tried = 0;
    for (const object of objects) {
      const read = tried === 0 ? first : await readReadable(rawDay, object);
      tried++;
      if (read instanceof UnreadableObject && object.sealed !== null && !acceptsDamage)
        throw new SealedDamaged(read.message, { cause: read });
      if (addAnswer(day, reader, object, read)) break; // an unreadable answer is replaced by the next answer of the slot
    }
    day.ledger.surplus += objects.length - tried;
  }
  return { day, inventory: inventoryDigest(answers, excluded) };
}

/** Count the answers that a correction excludes, and return the others. */
function leaveExcluded<A extends { slot: Slot }>(
  { ledger }: FeedDay,
  answers: readonly A[],
  excluded: ExcludedSlots,
): A[] {
  const others = answers.filter(({ slot }) => !isExcluded(excluded, slot));
  ledger.bodies += answers.length - others.length;
  ledger.excluded += answers.length - others.length;
  return others;
}

/**
 * Add an answer to the day. Returns whether the answer could be read. An unreadable answer is counted and quarantined.
 */
function addAnswer(day: FeedDay, reader: DocumentsReader, object: RawObject, read: Read): boolean {
  try {
    if (read instanceof UnreadableObject) throw read;
    const source = sourceByName(read.meta.source);
    day.addPoll(object, source, reader.read(source, documentsOf(read)));
    day.ledger.parsed++;
    return true;
  } catch (error) {
    const reason = reasonUnreadable(error);
    if (reason === null)
      throw new CleaningFault(`${object.key}: ${(error as Error).message}, which is a fault of the program`, {
        cause: error,
      });
    const origin = { slotMs: object.slot, key: object.key };
    day.findings.quarantine(origin, { entity: 'poll', id: object.key, path: '$', reason });
    day.ledger.unreadable++;
    return false;
  }
}

/** Return why an answer can't be read, as a word such as `damaged`; null when the error has another cause. */
function reasonUnreadable(error: unknown): string | null {
  if (error instanceof BadAnswer) return error.reason;
  if (error instanceof UnknownSource) return 'unknown_source';
  return error instanceof UnreadableObject ? 'damaged' : null;
}

type Read = RawAnswer | UnreadableObject;

/** Group the answers by slot, each group in the order in which its answers are tried. */
function bySlot(objects: readonly StoredAnswer[]): StoredAnswer[][] {
  const slots = new Map<number, StoredAnswer[]>();
  for (const object of objects) {
    const others = slots.get(object.slot);
    if (others) others.push(object);
    else slots.set(object.slot, [object]);
  }
  return [...slots.values()].map((answers) => (answers.length > 1 ? wholeFirst(answers) : answers));
}

async function readReadable(rawDay: RawDay, object: StoredAnswer): Promise<Read> {
  try {
    return await rawDay.read(object);
  } catch (error) {
    if (error instanceof UnreadableObject) return error;
    throw error;
  }
}

async function writeFlatFiles(flat: Store, set: FlatSet, day: FeedDay): Promise<Record<FlatFile, number>> {
  const files = Object.keys(FLAT_FILES) as FlatFile[];
  // Written concurrently, because most files are small and each write waits until its file is on the disk.
  const rows = await Promise.all(
    files.map((file) => writeFlatFile(flat, flatKey(set, file), FLAT_FILES[file], flatLines(file, day))),
  );
  return Object.fromEntries(files.map((file, at) => [file, rows[at]])) as Record<FlatFile, number>;
}

/**
 * Write a flat file and return its number of rows. Without rows, no file is written; a file that an earlier attempt
 * left is in no manifest.
 */
async function writeFlatFile(
  flat: Store,
  key: string,
  columns: readonly string[],
  lines: Iterable<string>,
): Promise<number> {
  const line = lines[Symbol.iterator]();
  let next = line.next();
  let rows = 0;
  if (next.done) return rows;
  function* blocks(): Generator<string> {
    let block = columns.join(',') + '\n';
    for (; !next.done; next = line.next()) {
      block += next.value;
      rows++;
      if (block.length > BLOCK_CHARS) {
        yield block;
        block = '';
      }
    }
    yield block;
  }
  const gzip = createGzip({ level: GZIP_LEVEL });
  // pipeline() passes an error in a line on to the compressor. With pipe(), the compressor would wait for input for
  // ever.
  await Promise.all([pipeline(blocks(), gzip), flat.putStream(key, gzip)]);
  return rows;
}
