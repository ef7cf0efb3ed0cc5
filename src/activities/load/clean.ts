import { activityInfo, ApplicationFailure, cancellationSignal } from '@temporalio/activity';
import { leaveOutFeedDay } from '../../cleaning/clean.js';
import type { CleanTask } from '../../cleaning/pool.js';
import { describeSlice } from '../../domain/chunks.js';
import { UnreadableObject } from '../../stores/raw.js';
import type { LoadDeps } from './deps.js';
import { type ChunkToClean, cleanTasksOf } from './slices.js';
import { sealedDamaged } from './sealedDamaged.js';

/**
 * Time limit for cleaning one slice, in milliseconds. Cleaning usually takes a second or two; a slice that exceeds the
 * limit would never end.
 */
const SLICE_TIMEOUT_MS = 10 * 60_000;
/** Number of attempts at cleaning a chunk in which a slice fails. */
const CLEANING_ATTEMPTS = 3;
/** Reason in `ops.quarantine` for a slice that is left out. */
const LEFT_OUT = 'cleaning_failed';

/**
 * Clean a chunk's feed slices into flat files. A slice that can't be cleaned does not prevent the others from being
 * cleaned.
 *
 * @throws ApplicationFailure of type `CleaningFailed` when slices can't be cleaned; it is retried, except on the last
 * attempt
 * @throws ApplicationFailure of type `SealedDamaged` for a damaged sealed object, because the day would be published
 * with fewer facts than before. Not thrown in a rebuild, which would never end: the object's answers then count as
 * unreadable.
 */
export async function cleanChunk(
  deps: Pick<LoadDeps, 'raw' | 'flat' | 'clean' | 'timeZone'>,
  chunk: ChunkToClean,
): Promise<void> {
  const failures: string[] = [];
  for await (const task of cleanTasksOf(deps, chunk)) {
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

/**
 * Leave out the slices of a chunk that can't be cleaned, so that the other slices can be published. Returns the names
 * of the slices that were left out.
 */
export async function leaveOut(
  deps: Pick<LoadDeps, 'raw' | 'flat' | 'timeZone'>,
  chunk: ChunkToClean,
): Promise<string[]> {
  const names: string[] = [];
  for await (const { set, excluded } of cleanTasksOf(deps, chunk)) {
    await leaveOutFeedDay(deps, set, { reason: LEFT_OUT, excluded });
    names.push(describeSlice(set));
  }
  return names;
}

/** Clean a slice. Returns why the slice can't be cleaned; null when it was cleaned. Other errors are thrown. */
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
    if (timeout.aborted) return `cleaning took more than ${SLICE_TIMEOUT_MS / 60_000} minutes`;
    const { code, message } = error as Error & { code?: string };
    if (code === 'ERR_WORKER_OUT_OF_MEMORY') return message;
    throw error;
  }
}
