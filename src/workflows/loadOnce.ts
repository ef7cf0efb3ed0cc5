import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  patched,
  setCurrentDetails,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { type ChunkStep, loadChunks } from './loadChunks.js';
import { type LoadPriority, loadSteps } from './loadSteps.js';
import { PATCHES, SEARCH_ATTRIBUTES } from '../temporal/names.js';

/** Result of loading a day or a window of it. */
export interface LoadDayResult {
  day: string;
  revision: number;
  feeds: number;
  polls: number;
  chargingPointFacts: number;
  connectorFacts: number;
  quarantined: number;
  unreadable: number;
  /** Names of the feed slices that were left out because they can't be cleaned. The other slices were published. */
  leftOut?: string[];
  /** Feeds whose answers are gone from raw, in words. A rebuild has copied the day from the published warehouse. */
  lost?: string;
  /** Set when the day was left unchanged because its facts are in the archive. */
  isArchived?: true;
}

/**
 * Largest number of rounds in which a day is cleaned anew because raw changed. After them, an import is probably
 * running, and a later load is better.
 */
export const MAX_ROUNDS = 5;

/** Reason in ops.day_revision of a day that was not loaded from raw. */
const BROUGHT_OVER = 'rebuild, from the published warehouse';

/** A load that is running. */
export interface RunningLoad {
  day: string;
  /** Name of everything that this load creates. */
  run: string;
  isRebuild: boolean;
  withoutFacts: boolean;
  /** Slots as milliseconds since the epoch, half-open. Default: the whole day. */
  window?: { from: number; to: number };
  /** Revision of the day to which the window is added. */
  addsTo?: number;
}

/**
 * Clean, copy, check and publish a day or a window of it. In a rebuild, copy the day from the published warehouse when
 * its answers are gone from raw. When the load fails, everything created for it is removed.
 *
 * @param reason stored in ops.day_revision
 */
export async function loadOnce(
  priority: LoadPriority,
  load: RunningLoad,
  reason: string,
): Promise<LoadDayResult> {
  try {
    return await cleanToPublish(priority, load, reason);
  } catch (error) {
    await CancellationScope.nonCancellable(() => loadSteps(priority).discardLoad(load));
    throw error;
  }
}

async function cleanToPublish(
  priority: LoadPriority,
  load: RunningLoad,
  reason: string,
): Promise<LoadDayResult> {
  const { openLoad, compareFeeds, coverDay, checkLoad, publishLoad } = loadSteps(priority);
  const { feeds, chunks, lost } = await openLoad(load);
  if (lost !== undefined) return bringOver(priority, load, { feeds, lost });
  const all = Array.from({ length: chunks }, (_, chunk) => chunk);
  const doing = (step: ChunkStep, numbers: number[]) => loadChunks({ load, step, chunks: numbers, priority });
  setCurrentDetails(`**${load.day}**: cleaning ${feeds} feeds in ${chunks} chunks`);
  const leftOut = await doing('clean', all);
  setCurrentDetails(`**${load.day}**: comparing feeds`);
  const { conflicting } = await compareFeeds(load);
  if (conflicting.length > 0) {
    leftOut.push(...(await doing('exclude', conflicting)));
    await compareFeeds(load);
  }
  setCurrentDetails(`**${load.day}**: copying ${feeds} feeds in ${chunks} chunks`);
  if (patched(PATCHES.coverBesideCopies)) await Promise.all([doing('copy', all), coverDay(load)]);
  else {
    await doing('copy', all);
    await coverDay(load);
  }
  await checkLoad(load);
  const publication = await publishLoad({ ...load, reason });
  return showResult({ ...publication, feeds, ...(leftOut.length > 0 && { leftOut }) });
}

/** Copy a day from the published warehouse. */
async function bringOver(
  priority: LoadPriority,
  load: RunningLoad,
  { feeds, lost }: { feeds: number; lost: string },
): Promise<LoadDayResult> {
  setCurrentDetails(
    `**${load.day}**: copied from the published warehouse, because the raw store lacks answers of ${lost}`,
  );
  const publication = await loadSteps(priority).bringOver({ ...load, reason: BROUGHT_OVER });
  return showResult({ ...publication, feeds, lost });
}

/** Show the result of a load in Temporal's Web UI and search attributes. */
function showResult(result: LoadDayResult): LoadDayResult {
  const facts = result.chargingPointFacts + result.connectorFacts;
  upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.facts, value: facts }]);
  setCurrentDetails(describeLoad(result));
  return result;
}

/** Describe a load in a sentence, in Markdown. */
export function describeLoad(result: LoadDayResult): string {
  const facts = result.chargingPointFacts + result.connectorFacts;
  return (
    `**${result.day}**: ${facts} facts of ${result.polls} polls of ${result.feeds} feeds, revision ${result.revision}; ` +
    `${result.quarantined} records quarantined, ${result.unreadable} answers unreadable` +
    (result.lost
      ? `; copied from the published warehouse, because the raw store lacks answers of ${result.lost}`
      : '') +
    (result.leftOut ? `; left out, because they can't be cleaned: ${result.leftOut.join(', ')}` : '')
  );
}

/** Return whether the error is the final failure of an activity, with this type. */
export function isFailedAs(type: string, error: unknown): boolean {
  if (!(error instanceof ActivityFailure)) return false;
  return error.cause instanceof ApplicationFailure && error.cause.type === type;
}
