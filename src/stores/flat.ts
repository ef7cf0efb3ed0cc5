import pMap from 'p-map';
import { z } from 'zod';
import type { LoadPlan, FeedSlice } from '../domain/chunks.js';
import type { Day } from '../domain/day.js';
import type { Exclusions } from '../domain/exclusions.js';
import { FLAT_FILES, type FlatFile } from '../domain/flatFiles.js';
import { LEDGER_COUNTS, type LedgerEntry } from '../domain/ledger.js';
import { formatSlot } from '../domain/slot.js';
import { ObjectNotFound, type Store } from './store.js';

/** What the files hold, and how: another version of the program makes its own ones anew. */
export const FLAT_VERSION = 4;

/**
 * The flat store: for each day, load and feed slice a set of gzipped CSV files with a header, and a manifest that
 * says how many rows each holds: `<day>/<load>/<feed>/<file>.csv.gz`, `…/manifest.json`; of a slice that is only some hours
 * of the day, `<day>/<load>/<feed>/<first slot>/…`. The manifest is written last, so that a set with one is whole.
 * `<day>/<load>/plan.json` says which slices there are.
 */
const manifestSchema = z.object({
  version: z.literal(FLAT_VERSION),
  day: z.string(),
  feed: z.string(),
  /** Digest of the raw inventory that the set was made of. */
  inventory: z.string(),
  /** Rows without the header; a file of no rows is not written. */
  rows: z.object(
    Object.fromEntries(Object.keys(FLAT_FILES).map((name) => [name, z.number()])) as Record<
      FlatFile,
      z.ZodNumber
    >,
  ),
  ledger: z.object({
    feed: z.string(),
    ...(Object.fromEntries(LEDGER_COUNTS.map((name) => [name, z.number()])) as Record<
      (typeof LEDGER_COUNTS)[number],
      z.ZodNumber
    >),
  }) satisfies z.ZodType<LedgerEntry>,
});

const manifestVersionSchema = z.object({ version: z.number() });

const planSchema = z.object({
  chunks: z.array(
    z.array(z.object({ feed: z.string(), hours: z.object({ from: z.number(), to: z.number() }).optional() })),
  ),
});

export type FlatManifest = z.infer<typeof manifestSchema>;

/** How many facts are made of a set. */
export function factsOf({ ledger }: FlatManifest): number {
  return ledger.charging_point_facts + ledger.connector_facts;
}

const slots = z.array(z.number());
const slotsById = z.record(z.string(), slots);
const exclusionsSchema = z.object({
  polls: slots,
  stations: slotsById,
  charging_points: slotsById,
  connectors: slotsById,
  colliding_stations: z.array(z.string()),
}) satisfies z.ZodType<Exclusions>;

/** Where a set of flat files stands: that of one feed slice, in one load of one day. */
export interface FlatSet extends FeedSlice {
  day: Day;
  /** The run id of the load. */
  load: string;
}

/** The prefix of all files of a load. */
function loadPrefix(day: Day, load: string): string {
  return `${day}/${load}/`;
}

/** The key of one flat file. */
export function flatKey(set: FlatSet, file: FlatFile): string {
  return `${setPrefix(set)}${file}.csv.gz`;
}

/** The key of what tells Redshift's COPY which files of a load to read; it goes with the load's files. */
export function copyManifestKey(day: Day, load: string, name: string): string {
  return `${loadPrefix(day, load)}${name}.copy.json`;
}

function manifestKey(set: FlatSet): string {
  return `${setPrefix(set)}manifest.json`;
}

function setPrefix({ day, load, feed, hours }: FlatSet): string {
  return `${loadPrefix(day, load)}${feed}/${hours === undefined ? '' : `${formatSlot(hours.from)}/`}`;
}

/** Writes the manifest that makes a set whole. */
export async function putManifest(store: Store, set: FlatSet, manifest: FlatManifest): Promise<void> {
  await store.put(manifestKey(set), Buffer.from(JSON.stringify(manifest, null, 2) + '\n'));
}

/** Reads a set's manifest. Throws ObjectNotFound where the set is not whole, or another version of the program made it. */
export async function getManifest(store: Store, set: FlatSet): Promise<FlatManifest> {
  const key = manifestKey(set);
  const manifest: unknown = JSON.parse((await store.get(key)).toString());
  const { version } = manifestVersionSchema.parse(manifest);
  if (version !== FLAT_VERSION)
    throw new ObjectNotFound(
      `${key} is of version ${version}, not ${FLAT_VERSION}: the feed is cleaned anew`,
    );
  return manifestSchema.parse(manifest);
}

/** Manifests that are read at once: a hundredfold fleet has thousands, and a store in the network takes a while for each. */
const MANIFESTS_AT_ONCE = 16;

/** A set of flat files that is whole, with what it holds. */
export interface WholeSet {
  set: FlatSet;
  manifest: FlatManifest;
}

/** The sets of some feed slices of a load, in their order. Throws ObjectNotFound where one is not whole. */
export function readWholeSets(
  store: Store,
  { day, run }: { day: Day; run: string },
  slices: readonly FeedSlice[],
): Promise<WholeSet[]> {
  return pMap(
    slices,
    async (slice) => {
      const set = { day, load: run, ...slice };
      return { set, manifest: await getManifest(store, set) };
    },
    { concurrency: MANIFESTS_AT_ONCE },
  );
}

/** Removes all flat files of a load. */
export async function removeLoad(store: Store, day: Day, load: string): Promise<void> {
  for await (const { key } of store.list(loadPrefix(day, load))) await store.remove(key);
}

/** Removes other loads' files of the day that were written before an instant (milliseconds since the epoch). */
export async function removeStaleLoads(
  store: Store,
  day: Day,
  current: string,
  beforeMs: number,
): Promise<void> {
  for await (const { key, modifiedMs } of store.list(`${day}/`)) {
    if (!key.startsWith(loadPrefix(day, current)) && modifiedMs < beforeMs) await store.remove(key);
  }
}

/** Keeps a load's plan, unless there is one. Returns the one that counts. */
export async function putPlan(store: Store, day: Day, load: string, plan: LoadPlan): Promise<LoadPlan> {
  const key = `${loadPrefix(day, load)}plan.json`;
  await store.putNew(key, Buffer.from(JSON.stringify(plan)));
  return getPlan(store, day, load);
}

/** Reads a load's plan. Throws ObjectNotFound where there is none. */
export async function getPlan(store: Store, day: Day, load: string): Promise<LoadPlan> {
  return planSchema.parse(JSON.parse((await store.get(`${loadPrefix(day, load)}plan.json`)).toString()));
}

/** Keeps what of a feed's day belongs to another feed, for the cleaning that leaves it out. */
export async function putExclusions(store: Store, set: FeedOfLoad, exclusions: Exclusions): Promise<void> {
  await store.put(exclusionsKey(set), Buffer.from(JSON.stringify(exclusions)));
}

export async function getExclusions(store: Store, set: FeedOfLoad): Promise<Exclusions> {
  return exclusionsSchema.parse(JSON.parse((await store.get(exclusionsKey(set))).toString()));
}

type FeedOfLoad = Omit<FlatSet, 'hours'>;

function exclusionsKey(set: FeedOfLoad): string {
  return `${loadPrefix(set.day, set.load)}${set.feed}/exclusions.json`;
}
