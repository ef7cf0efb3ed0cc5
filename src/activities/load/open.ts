import { cancellationSignal } from '@temporalio/activity';
import { type FeedSize, planChunks } from '../../domain/chunks.js';
import { batchesOf } from '../../domain/batches.js';
import { putPlan } from '../../stores/flat.js';
import { listRawFeeds } from '../../stores/raw.js';
import { type Load, LoadRefused } from '../../warehouse/warehouse.js';
import { awaitRebuild } from '../awaitRebuild.js';
import { lostFeeds } from '../lost.js';
import { refusing } from '../refusing.js';
import type { LoadDeps } from './deps.js';
import { sealedDamaged } from './sealedDamaged.js';

/** What one thread measures in one go, while others measure the next feeds. */
const FEEDS_MEASURED_AT_ONCE = 50;
/** Details of a workflow name at most so many feeds. */
const NAMED_AT_MOST = 5;

/** What is to be done for a load. */
export interface OpenedLoad {
  feeds: number;
  chunks: number;
  /**
   * Of a rebuild: the feeds whose answers are gone from raw, in words. The day is then brought over from the published
   * warehouse, and has no chunks.
   */
  lost?: string;
}

/**
 * Makes the load's staging tables, and divides the day into chunks. Returns how many feeds and chunks there are. Waits
 * until a warehouse of an earlier version is rebuilt.
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

/** Throws LoadRefused where facts are to come back from the archive, which only raw could make anew. */
async function requireRestorable({ warehouse }: LoadDeps, load: Load): Promise<void> {
  if (load.withoutFacts || !(await warehouse.isArchived(load))) return;
  throw new LoadRefused(
    `${load.day}: its facts are in the archive, and answers of it are gone from the raw store, so they can't be restored. ` +
      'They stay in the archive with "ladepuls rebuild" without --restore.',
  );
}

/** @example 'bonn, koeln and 3 more feeds' */
function describeFeeds(feeds: readonly string[]): string {
  const more = feeds.length - NAMED_AT_MOST;
  return feeds.slice(0, NAMED_AT_MOST).join(', ') + (more > 0 ? ` and ${more} more feeds` : '');
}

async function sizesOfDay({ raw, measure }: LoadDeps, { day, window }: Load): Promise<FeedSize[]> {
  const feeds = await listRawFeeds(raw, 'accepted');
  const signal = cancellationSignal();
  const tasks = batchesOf(feeds, FEEDS_MEASURED_AT_ONCE);
  const measured = tasks.map(async (some) => {
    const sizes = await measure({ feeds: some, day, window }, signal);
    if ('damaged' in sizes) throw sealedDamaged(sizes);
    return sizes;
  });
  return (await Promise.all(measured)).flat();
}
