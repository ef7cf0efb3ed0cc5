import pMap from 'p-map';
import { z } from 'zod';
import type { LoadPlan, FeedSlice } from '../domain/chunks.js';
import type { Day } from '../domain/day.js';
import type { Exclusions } from '../domain/exclusions.js';
import { FLAT_FILES, type FlatFile } from '../domain/flatFiles.js';
import { LEDGER_COUNTS, type LedgerEntry } from '../domain/ledger.js';
import { formatSlot } from '../domain/slot.js';
import { ObjectNotFound, type Store } from './store.js';

/** Version of the content and format of flat files. A program of another version cleans the feed again. */
export const FLAT_VERSION = 5;

/**
 * The manifest of a set of flat files.
 *
 * The flat store holds a set for each day, load and feed slice: gzipped CSV files with a header, at
 * `<day>/<load>/<feed>/<file>.csv.gz`, and `manifest.json` with each file's number of rows. For a slice of only some
 * hours of the day, the folder is `<day>/<load>/<feed>/<first slot>/`. The manifest is written last; therefore a set
 * with a manifest is complete. `<day>/<load>/plan.json` lists the slices of the load.
 */
const manifestSchema = z.object({
  version: z.literal(FLAT_VERSION),
  day: z.string(),
  feed: z.string(),
  /** Digest of the raw inventory that the set was cleaned from. */
  inventory: z.string(),
  /** Rows without the header. A file without rows is not written. */
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

/** Return the number of facts that the set's observations yield. */
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

/** Identity of a set of flat files: a day, a load of that day, and a feed slice of that load. */
export interface FlatSet extends FeedSlice {
  day: Day;
  /** Run id of the load workflow. */
  load: string;
}

function loadPrefix(day: Day, load: string): string {
  return `${day}/${load}/`;
}

/** Return the key of a flat file. */
export function flatKey(set: FlatSet, file: FlatFile): string {
  return `${setPrefix(set)}${file}.csv.gz`;
}

/**
 * Return the key of a COPY manifest, which tells Redshift which files of a load to read. Removed with the load's
 * files.
 */
export function copyManifestKey(day: Day, load: string, name: string): string {
  return `${loadPrefix(day, load)}${name}.copy.json`;
}

function manifestKey(set: FlatSet): string {
  return `${setPrefix(set)}manifest.json`;
}

function setPrefix({ day, load, feed, hours }: FlatSet): string {
  return `${loadPrefix(day, load)}${feed}/${hours === undefined ? '' : `${formatSlot(hours.from)}/`}`;
}

/** Write the manifest of a set, after all its files: it marks the set as complete. */
export async function putManifest(store: Store, set: FlatSet, manifest: FlatManifest): Promise<void> {
  await store.put(manifestKey(set), Buffer.from(JSON.stringify(manifest, null, 2) + '\n'));
}

/**
 * Read the manifest of a set.
 *
 * @throws ObjectNotFound when the set is not complete, or another version of the program wrote it
 */
export async function getManifest(store: Store, set: FlatSet): Promise<FlatManifest> {
  const key = manifestKey(set);
  const manifest: unknown = JSON.parse((await store.get(key)).toString());
  const { version } = manifestVersionSchema.parse(manifest);
  if (version !== FLAT_VERSION)
    throw new ObjectNotFound(
      `${key} is of version ${version}, not ${FLAT_VERSION}: the feed is cleaned again automatically`,
    );
  return manifestSchema.parse(manifest);
}

/**
 * Manifests that are read concurrently. A very large fleet has thousands, and each takes a round trip to a remote
 * store.
 */
const MANIFESTS_AT_ONCE = 16;

/** A complete set of flat files, with its manifest. */
export interface WholeSet {
  set: FlatSet;
  manifest: FlatManifest;
}

/**
 * Read the manifests of some feed slices of a load, in the order of the slices.
 *
 * @throws ObjectNotFound when a set is not complete
 */
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

/** Remove all flat files of a load. */
export async function removeLoad(store: Store, day: Day, load: string): Promise<void> {
  for await (const { key } of store.list(loadPrefix(day, load))) await store.remove(key);
}

/**
 * Remove files of the day that belong to other loads and were last written before `beforeMs` (milliseconds since the
 * epoch).
 */
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

/** Store the plan of a load unless one is stored already. Returns the stored plan, which is the one to follow. */
export async function putPlan(store: Store, day: Day, load: string, plan: LoadPlan): Promise<LoadPlan> {
  const key = `${loadPrefix(day, load)}plan.json`;
  await store.putNew(key, Buffer.from(JSON.stringify(plan)));
  return getPlan(store, day, load);
}

/**
 * Read the plan of a load.
 *
 * @throws ObjectNotFound when the load has no plan
 */
export async function getPlan(store: Store, day: Day, load: string): Promise<LoadPlan> {
  return planSchema.parse(JSON.parse((await store.get(`${loadPrefix(day, load)}plan.json`)).toString()));
}

/** Store the exclusions of a feed's day: slots and entities that belong to another feed. Cleaning leaves them out. */
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
