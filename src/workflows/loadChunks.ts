import {
  ActivityFailure,
  ApplicationFailure,
  executeChild,
  ParentClosePolicy,
  workflowInfo,
} from '@temporalio/workflow';
import { eachOf } from './eachOf.js';
import { type LoadPriority, loadSteps } from './loadSteps.js';

/**
 * Step of a load: `clean` chunks, clean them again without the records of another feed (`exclude`), or `copy` them.
 */
export type ChunkStep = 'clean' | 'exclude' | 'copy';

/** Input of the workflow `loadChunks`. */
export interface LoadChunksInput {
  load: { day: string; run: string; isRebuild: boolean; withoutFacts: boolean };
  step: ChunkStep;
  /** Numbers of chunks in the load's plan. */
  chunks: number[];
  priority: LoadPriority;
}

/** Largest number of concurrent chunks, over all workers. */
const CHUNKS_AT_ONCE = 64;
/**
 * Largest number of chunks in one workflow run, so that its history stays far below Temporal's limits, however large
 * the day is.
 */
const CHUNKS_PER_RUN = 500;

/**
 * Do one step of a load for many chunks. A chunk that can't be cleaned is left out, and delays no other chunk.
 *
 * @returns the names of the feed slices that were left out
 */
export async function loadChunks(input: LoadChunksInput): Promise<string[]> {
  return input.chunks.length > CHUNKS_PER_RUN ? inRuns(input) : inThisRun(input);
}

async function inRuns(input: LoadChunksInput): Promise<string[]> {
  const leftOut: string[] = [];
  for (let at = 0; at < input.chunks.length; at += CHUNKS_PER_RUN) {
    const chunks = input.chunks.slice(at, at + CHUNKS_PER_RUN);
    const slices = await executeChild(loadChunks, {
      // A load that begins anew has another name in `load.run`.
      workflowId: `${workflowInfo().workflowId}-${input.load.run.split('-').at(-1)}-${input.step}-${chunks[0]}`,
      args: [{ ...input, chunks }],
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    });
    leftOut.push(...slices);
  }
  return leftOut;
}

async function inThisRun({ load, step, chunks, priority }: LoadChunksInput): Promise<string[]> {
  const { cleanChunk, leaveOut, copyChunk } = loadSteps(priority);
  const leftOut = await eachOf(chunks, CHUNKS_AT_ONCE, async (chunk) => {
    const summary = `chunk ${chunk}`;
    if (step === 'copy') {
      await copyChunk.executeWithOptions({ summary }, [{ ...load, chunk }]);
      return [];
    }
    const cleaning = { ...load, chunk, excluding: step === 'exclude' };
    try {
      await cleanChunk.executeWithOptions({ summary }, [cleaning]);
      return [];
    } catch (error) {
      if (!isCleaningFailure(error)) throw error;
      return leaveOut.executeWithOptions({ summary }, [cleaning]);
    }
  });
  return leftOut.flat();
}

function isCleaningFailure(error: unknown): boolean {
  if (!(error instanceof ActivityFailure)) return false;
  return error.cause instanceof ApplicationFailure && error.cause.type === 'CleaningFailed';
}
