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

export interface LoadDayResult {
  day: string;
  revision: number;
  feeds: number;
  polls: number;
  chargingPointFacts: number;
  connectorFacts: number;
  quarantined: number;
  unreadable: number;
  /** Names of the feed slices that can't be cleaned, and were left out: the rest was published. */
  leftOut?: string[];
  /** The feeds whose answers are gone from raw: a rebuild has brought the day over from the published warehouse. */
  lost?: string;
  /** The day's facts are in the archive: it was left alone. */
  isArchived?: true;
}

/** How often a day is cleaned anew because raw changed meanwhile; an import is going on, so later is better. */
export const MAX_ROUNDS = 5;

/** The reason in ops.day_revision of a day that is not made of raw. */
const BROUGHT_OVER = 'rebuild, from the published warehouse';

export interface RunningLoad {
  day: string;
  /** Names all that this load makes. */
  run: string;
  isRebuild: boolean;
  withoutFacts: boolean;
  /** Slots, as milliseconds since the epoch; half-open. Without: the whole day. */
  window?: { from: number; to: number };
  /** The revision of the day that the window is added to. */
  addsTo?: number;
}

/**
 * Cleans, copies, checks and publishes a day or a window of it. A rebuild brings a day over from the published warehouse
 * whose answers are gone from raw. Where a load fails, all that was made for it goes.
 * @param reason stands in ops.day_revision
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
  return tell({ ...publication, feeds, ...(leftOut.length > 0 && { leftOut }) });
}

/** Brings a day over from the published warehouse. */
async function bringOver(
  priority: LoadPriority,
  load: RunningLoad,
  { feeds, lost }: { feeds: number; lost: string },
): Promise<LoadDayResult> {
  setCurrentDetails(
    `**${load.day}**: taken from the published warehouse, because raw lacks answers of ${lost}`,
  );
  const publication = await loadSteps(priority).bringOver({ ...load, reason: BROUGHT_OVER });
  return tell({ ...publication, feeds, lost });
}

/** Shows what a load has made of its day. */
function tell(result: LoadDayResult): LoadDayResult {
  const facts = result.chargingPointFacts + result.connectorFacts;
  upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.facts, value: facts }]);
  setCurrentDetails(describeLoad(result));
  return result;
}

/** A load in a sentence, in Markdown. */
export function describeLoad(result: LoadDayResult): string {
  const facts = result.chargingPointFacts + result.connectorFacts;
  return (
    `**${result.day}**: ${facts} facts of ${result.polls} polls of ${result.feeds} feeds, revision ${result.revision}; ` +
    `${result.quarantined} records quarantined, ${result.unreadable} answers unreadable` +
    (result.lost ? `; taken from the published warehouse, because raw lacks answers of ${result.lost}` : '') +
    (result.leftOut ? `; left out, because they can't be cleaned: ${result.leftOut.join(', ')}` : '')
  );
}

/** Whether an activity has failed for good, as the type says. */
export function isFailedAs(type: string, error: unknown): boolean {
  if (!(error instanceof ActivityFailure)) return false;
  return error.cause instanceof ApplicationFailure && error.cause.type === type;
}
