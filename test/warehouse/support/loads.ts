import { readStatuses } from '../../support/intake.js';
import { randomUUID } from 'node:crypto';
import { beforeAll, onTestFinished } from 'vitest';
import { runActivity } from '../../activities/support/runActivity.js';
import { loadActivities, type LoadOptions } from '../../../src/app/activities.js';
import { cleanFeedDay } from '../../../src/cleaning/clean.js';
import { takeInventories } from '../../../src/cleaning/inventory.js';
import { measureFeeds } from '../../../src/cleaning/measure.js';
import type { ChunkSizes } from '../../../src/domain/chunks.js';
import type { Day } from '../../../src/domain/day.js';
import { sealFeedDay } from '../../../src/stores/sealed/seal.js';
import { openPostgresWarehouse } from '../../../src/warehouse/postgres/warehouse.js';
import type { Load, Publication, Warehouse } from '../../../src/warehouse/warehouse.js';
import { copyStores, makeStores, type Stores, temporaryStores } from '../../cleaning/support/stores.js';
import { ZONE } from '../../cleaning/support/polls.js';
import { copyDatabase, createDatabase, type TestDatabase } from '../../support/database.js';

/** Access to a warehouse of its own, with the real stores, activities and database, but without Temporal. */
export interface LoadBench extends Stores {
  url: string;
  warehouse: Warehouse;
  activities: ReturnType<typeof activitiesOf>;
}

/** Function that opens a bench with an empty warehouse for one test. `stores` may be those of another bench. */
export type OpenBench = (stores?: Stores) => Promise<LoadBench>;

/** Create a bench whose warehouse is dropped when the test is over. `stores` may be those of another bench. */
export async function openBench(stores: Stores = temporaryStores()): Promise<LoadBench> {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const warehouse = openPostgresWarehouse(database.url);
  onTestFinished(() => warehouse.close());
  return benchOf(database.url, warehouse, stores);
}

/** Create a bench for a hook. The caller must remove it. */
export async function makeBench(): Promise<LoadBench & { remove: () => Promise<void> }> {
  const database = await createDatabase();
  const stores = makeStores();
  const warehouse = openPostgresWarehouse(database.url);
  return {
    ...benchOf(database.url, warehouse, stores),
    async remove() {
      await warehouse.close();
      await database.drop();
      stores.remove();
    },
  };
}

/**
 * Bring a bench into a state once, before the tests of a file or suite. Return a function that opens a copy of that
 * bench for one test: of its database and of its stores.
 *
 * @param prepare what brings the bench into its state, such as by loads of some days
 */
export function openCopies(prepare: (bench: LoadBench) => Promise<unknown>): () => Promise<LoadBench> {
  const made = makeStores();
  let prepared: TestDatabase;
  beforeAll(async () => {
    prepared = await createDatabase();
    const warehouse = openPostgresWarehouse(prepared.url);
    await prepare(benchOf(prepared.url, warehouse, made)).finally(() => warehouse.close());
    return async () => {
      await prepared.drop();
      made.remove();
    };
  });
  return async () => {
    const database = await copyDatabase(prepared);
    onTestFinished(() => database.drop());
    const warehouse = openPostgresWarehouse(database.url);
    onTestFinished(() => warehouse.close());
    return benchOf(database.url, warehouse, copyStores(made));
  };
}

/** Create a bench from an existing warehouse and existing stores. */
export function benchOf(url: string, warehouse: Warehouse, { raw, flat }: Stores): LoadBench {
  return { url, warehouse, raw, flat, activities: activitiesOf({ raw, flat, warehouse }) };
}

/** Chunk sizes with which each feed slice is one hour or a few hours. */
export const SMALL_CHUNKS: ChunkSizes = { maxBytes: 20_000, chunks: 3, minBytes: 1 };
/**
 * Chunk sizes with which a day of 144 small answers has about eight slices and chunks, so that each test meets their
 * edges.
 */
const SEVERAL_CHUNKS: ChunkSizes = { maxBytes: 120_000, chunks: 3, minBytes: 1 };

/** Chunk sizes with which each day is one chunk, for tests of what does not depend on chunks. */
const ONE_CHUNK: ChunkSizes = { maxBytes: 1_000_000_000, chunks: 1, minBytes: 1 };

/** Return a bench whose days are one chunk each. Their loads take a half of the statements and files. */
export function inOneChunk(bench: LoadBench): LoadBench {
  return { ...bench, activities: activitiesOf({ ...bench, chunkSizes: ONE_CHUNK }) };
}

/** Open a bench as {@link openBench} does, whose days are one chunk each. */
export const openInOneChunk: OpenBench = async (stores) => inOneChunk(await openBench(stores));

/** Create the activities of the load queue with these options. They clean and seal on the test's own thread. */
export function activitiesOf(
  options: Pick<LoadOptions, 'raw' | 'flat' | 'warehouse'> & Partial<LoadOptions>,
) {
  const { raw, flat } = options;
  return loadActivities({
    readStatuses,
    clean: async ({ set, exclusions, ...rest }) => {
      await cleanFeedDay({ raw, flat }, set, exclusions ?? undefined, rest);
      return null;
    },
    measure: (task) => measureFeeds(raw, task),
    takeInventories: (task) => takeInventories(raw, task),
    seal: ({ feed, day, runOutcomes }) => sealFeedDay(raw, feed, day, runOutcomes),
    chunkSizes: SEVERAL_CHUNKS,
    refusesSevere: false,
    current: null,
    retentionMonths: undefined,
    bridgedSlots: 2,
    timeZone: ZONE,
    intervalMinutes: 10,
    ...options,
  });
}

/** A step of a load. The names are in the order of the workflow `loadDay`. */
export interface LoadStep {
  name: 'open' | 'clean' | 'compare' | 'exclude' | 'compare again' | 'copy' | 'cover' | 'check' | 'publish';
  run: () => Promise<unknown>;
}

/** Return the steps of one load. A later step uses the results of the latest call of an earlier step. */
export function stepsOf(
  { activities }: Pick<LoadBench, 'activities'>,
  load: Load,
  reason = 'test',
): LoadStep[] {
  let chunks: number[] = [];
  let conflicting: number[] = [];
  const cleanAll = (numbers: number[], excluding: boolean) =>
    Promise.all(numbers.map((chunk) => runActivity(activities.cleanChunk, { ...load, chunk, excluding })));
  return [
    {
      name: 'open',
      run: async () => {
        const opened = await runActivity(activities.openLoad, load);
        chunks = Array.from({ length: opened.chunks }, (_, chunk) => chunk);
      },
    },
    { name: 'clean', run: () => cleanAll(chunks, false) },
    {
      name: 'compare',
      run: async () => ({ conflicting } = await runActivity(activities.compareFeeds, load)),
    },
    { name: 'exclude', run: () => cleanAll(conflicting, true) },
    { name: 'compare again', run: () => runActivity(activities.compareFeeds, load) },
    {
      name: 'copy',
      run: () => Promise.all(chunks.map((chunk) => runActivity(activities.copyChunk, { ...load, chunk }))),
    },
    { name: 'cover', run: () => runActivity(activities.coverDay, load) },
    { name: 'check', run: () => runActivity(activities.checkLoad, load) },
    { name: 'publish', run: () => runActivity(activities.publishLoad, { ...load, reason }) },
  ];
}

/** Load a day as the workflow does, without its retries. */
export async function loadDay(
  bench: LoadBench,
  day: Day,
  reason?: string,
  kind: Pick<Load, 'isRebuild' | 'withoutFacts'> = {},
): Promise<Publication> {
  let published: unknown;
  for (const step of stepsOf(bench, { ...newLoad(day), ...kind }, reason)) published = await step.run();
  return published as Publication;
}

export function newLoad(day: Day): Load {
  return { day, run: `${randomUUID()}-1` };
}
