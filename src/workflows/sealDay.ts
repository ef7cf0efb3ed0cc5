import { batchesOf } from '../domain/batches.js';
import { eachOf } from './eachOf.js';
import { type LoadPriority, loadSteps } from './loadSteps.js';

/** Steps under way at once, over all workers. */
const STEPS_AT_ONCE = 8;
/**
 * Feeds of one step, at most: each step reads the records of the day's slot runs, which name all feeds, and a history of a
 * hundred thousand feeds stays far below its limits.
 */
const FEEDS_PER_STEP = 50;

/**
 * Seals what the raw store holds of a day, and says in words what it did; "" where there was nothing to do. A sealed object
 * that is damaged needs a person: it is told, and keeps nothing else waiting.
 */
export async function sealDay(priority: LoadPriority, day: string): Promise<string> {
  const { planSealing, sealFeeds, sealRuns } = loadSteps(priority);
  const plan = await planSealing({ day });
  if (!plan.isOver) return '';
  const sealings = await eachOf(steps(plan.feeds), STEPS_AT_ONCE, (feeds) =>
    sealFeeds.executeWithOptions({ summary: summarise(feeds) }, [{ feeds, day }]),
  );
  await sealRuns({ day });
  const feeds = sealings.flat();
  const sealed = feeds.filter(({ damaged }) => damaged === null);
  const damaged = feeds.filter((feed) => feed.damaged !== null);
  const answers = sealed.reduce((sum, feed) => sum + feed.answers, 0);
  const unreadable = sealed.reduce((sum, feed) => sum + feed.unreadable, 0);
  return [
    ...(sealed.length > 0 ? [`${answers} answers sealed, feeds: ${sealed.length}`] : []),
    ...(unreadable > 0 ? [`${unreadable} answers can't be sealed, being unreadable`] : []),
    ...damaged.map(({ feed, damaged: reason }) => `${feed} is not sealed: ${reason}`),
  ].join('; ');
}

/** Feeds in steps of equal size: as many as there may be at once, so that all workers have some, or more. */
function steps(feeds: readonly string[]): string[][] {
  const size = Math.min(FEEDS_PER_STEP, Math.max(1, Math.ceil(feeds.length / STEPS_AT_ONCE)));
  return batchesOf(feeds, size);
}

function summarise(feeds: readonly string[]): string {
  const [first = '', ...others] = feeds;
  return others.length === 0 ? first : `${first} to ${others.at(-1)}, ${feeds.length} feeds`;
}
