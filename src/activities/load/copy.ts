import { cancellationSignal } from '@temporalio/activity';
import type { Chunk } from '../../domain/chunks.js';
import type { Exclusions } from '../../domain/exclusions.js';
import { readCoverage } from '../../stores/coverage.js';
import { getPlan, putExclusions } from '../../stores/flat.js';
import type { Load } from '../../warehouse/warehouse.js';
import { refusing } from '../refusing.js';
import type { ChunkOfLoad, LoadDeps } from './deps.js';
import { slicesOf } from './slices.js';

/**
 * Copy the content spans of all slices to staging. Returns the numbers of the chunks with records that belong to
 * another feed.
 */
export async function compareFeeds(
  { flat, warehouse }: Pick<LoadDeps, 'flat' | 'warehouse'>,
  load: Load,
): Promise<{ conflicting: number[] }> {
  const { chunks } = await getPlan(flat, load.day, load.run);
  const conflicts = await refusing(() => warehouse.copyContentSpans(load, chunks.flat(), flat));
  for (const [feed, exclusions] of conflicts) {
    await putExclusions(flat, { day: load.day, load: load.run, feed }, exclusions satisfies Exclusions);
  }
  const isConflicting = (chunk: Chunk) => chunk.some(({ feed }) => conflicts.has(feed));
  return { conflicting: chunks.flatMap((chunk, number) => (isConflicting(chunk) ? [number] : [])) };
}

/** Copy the status spans of a chunk to staging. Returns the number of facts that the spans make. */
export async function copyChunk(
  { flat, warehouse }: Pick<LoadDeps, 'flat' | 'warehouse'>,
  { chunk, ...load }: ChunkOfLoad,
): Promise<number> {
  const slices = await slicesOf(flat, load, chunk);
  return refusing(() => warehouse.copyChunk(load, chunk, slices, flat));
}

/** Copy to staging the outcome of every slot of the day in which a feed was to be polled. */
export async function coverDay(
  { raw, warehouse, timeZone, now }: Pick<LoadDeps, 'raw' | 'warehouse' | 'timeZone' | 'now'>,
  load: Load,
): Promise<void> {
  const signal = cancellationSignal();
  const coverage = await readCoverage(raw, { days: [load.day], timeZone, nowMs: now(), signal });
  await warehouse.copyCoverage(load, coverage);
}
