import { type FeedSize, planChunks } from '../../domain/chunks.js';
import { putPlan } from '../../stores/flat.js';
import { listRawFeeds } from '../../stores/raw.js';
import { type Load, LoadRefused } from '../../warehouse/warehouse.js';
import { awaitRebuild } from '../awaitRebuild.js';
import { readExcluded } from '../corrections.js';
import { lostFeeds } from '../lost.js';
import { refusing } from '../refusing.js';
import type { LoadDeps } from './deps.js';
import { inBatches } from './inBatches.js';

/** Largest number of feeds that the details of a workflow name. */
const NAMED_AT_MOST = 5;

/** Work of a load, as {@link openLoad} found it. */
export interface OpenedLoad {
  feeds: number;
  chunks: number;
  /**
   * Only in a rebuild: the feeds whose answers are gone from raw, in words. The day is then copied from the published
   * warehouse and has no chunks.
   */
  lost?: string;
}

/**
 * Create the load's staging tables and divide the day into chunks. Returns the number of feeds and of chunks. Waits
 * until a warehouse of an earlier version is rebuilt, unless the load belongs to a rebuild.
 */
export async function openLoad(deps: LoadDeps, load: Load): Promise<OpenedLoad> {
  const { flat, warehouse } = deps;
  if (!load.isRebuild) await awaitRebuild(deps);
  const lost = load.isRebuild ? await lostFeeds(deps, load.day) : [];
  if (lost.length > 0) await refusing(() => requireRestorable(deps, load));
  await refusing(() => warehouse.open(load));
  if (lost.length > 0) return { feeds: lost.length, chunks: 0, lost: describeFeeds(lost) };
  const plan = { chunks: planChunks(await sizesOfDay(deps, load), deps.chunkSizes, load.window) };
  const { chunks } = await putPlan(flat, load.day, load.run, plan);
  return { feeds: new Set(chunks.flat().map(({ feed }) => feed)).size, chunks: chunks.length };
}

/**
 * Check that the facts of a day can be restored from its archive.
 *
 * @throws LoadRefused when the day is archived and its facts are to be restored, because only raw could produce them
 */
async function requireRestorable({ warehouse }: LoadDeps, load: Load): Promise<void> {
  if (load.withoutFacts || !(await warehouse.isArchived(load))) return;
  throw new LoadRefused(
    `${load.day} can't be rebuilt with --restore: its facts are in the archive, and the raw store lacks answers of the day. ` +
      'Run "ladepuls rebuild" without --restore. The facts then stay in the archive.',
  );
}

/** @example 'bonn, koeln and 3 more feeds' */
function describeFeeds(feeds: readonly string[]): string {
  const more = feeds.length - NAMED_AT_MOST;
  return feeds.slice(0, NAMED_AT_MOST).join(', ') + (more > 0 ? ` and ${more} more feeds` : '');
}

async function sizesOfDay(deps: LoadDeps, { day, window }: Load): Promise<FeedSize[]> {
  const { raw, measure } = deps;
  const excludedOf = await readExcluded(deps);
  const names = await listRawFeeds(raw, 'accepted');
  const feeds = names.map((feed) => ({ feed, excluded: excludedOf(feed, day) }));
  return inBatches(feeds, (batch, signal) => measure({ feeds: batch, day, window }, signal));
}
