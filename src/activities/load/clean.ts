import { activityInfo, ApplicationFailure, cancellationSignal } from '@temporalio/activity';
import { leaveOutFeedDay } from '../../cleaning/clean.js';
import type { CleanTask } from '../../cleaning/pool.js';
import { describeSlice } from '../../domain/chunks.js';
import { UnreadableObject } from '../../stores/raw.js';
import type { LoadDeps } from './deps.js';
import { type ChunkToClean, cleanTasksOf } from './slices.js';
import { sealedDamaged } from './sealedDamaged.js';

/** A slice is cleaned in a second or two. What takes so long will never end. */
const SLICE_TIMEOUT_MS = 10 * 60_000;
/** A slice that can't be cleaned is tried so often. */
const CLEANING_ATTEMPTS = 3;
/** How the reason of a slice that is left out stands in `ops.quarantine`. */
const LEFT_OUT = 'cleaning_failed';

/**
 * Cleans a chunk's feed slices into flat files. A slice that can't be cleaned does not keep the others from being cleaned.
 *
 * @throws ApplicationFailure of type `CleaningFailed` in the end, where slices could not be cleaned
 * @throws ApplicationFailure of type `SealedDamaged` for a damaged sealed object: the day would be published emptier than
 * it was. In a rebuild, which would never end, the object's answers count as unreadable.
 */
export async function cleanChunk(deps: Pick<LoadDeps, 'flat' | 'clean'>, chunk: ChunkToClean): Promise<void> {
  const failures: string[] = [];
  for await (const task of cleanTasksOf(deps.flat, chunk)) {
    const failure = await cleanOrTell(deps, task);
    if (failure !== null) failures.push(`${describeSlice(task.set)} can't be cleaned: ${failure}`);
  }
  if (failures.length === 0) return;
  throw ApplicationFailure.create({
    type: 'CleaningFailed',
    message: failures.join('; '),
    nonRetryable: activityInfo().attempt >= CLEANING_ATTEMPTS,
  });
}

/** Leaves out what of a chunk can't be cleaned, so that the rest can be published. Returns the names of these feed slices. */
export async function leaveOut(
  { raw, flat }: Pick<LoadDeps, 'raw' | 'flat'>,
  chunk: ChunkToClean,
): Promise<string[]> {
  const names: string[] = [];
  for await (const { set } of cleanTasksOf(flat, chunk)) {
    await leaveOutFeedDay({ raw, flat }, set, LEFT_OUT);
    names.push(describeSlice(set));
  }
  return names;
}

/** Cleans a slice. Returns what is wrong with the slice where it can't be cleaned; whatever else fails, is thrown. */
async function cleanOrTell({ clean }: Pick<LoadDeps, 'clean'>, task: CleanTask): Promise<string | null> {
  const cancelled = cancellationSignal();
  const timeout = AbortSignal.timeout(SLICE_TIMEOUT_MS);
  try {
    const failure = await clean(task, AbortSignal.any([cancelled, timeout]));
    if (failure !== null && typeof failure === 'object') throw sealedDamaged(failure);
    return failure;
  } catch (error) {
    if (error instanceof UnreadableObject) throw sealedDamaged({ damaged: error.message });
    if (cancelled.aborted) throw error;
    if (timeout.aborted) return `it takes more than ${SLICE_TIMEOUT_MS / 60_000} minutes`;
    const { code, message } = error as Error & { code?: string };
    if (code === 'ERR_WORKER_OUT_OF_MEMORY') return message;
    throw error;
  }
}
