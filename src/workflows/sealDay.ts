import { batchesOf } from '../domain/batches.js';
import { eachOf } from './eachOf.js';
import { type LoadPriority, loadSteps } from './loadSteps.js';

/** Largest number of concurrent activities, over all workers. */
const STEPS_AT_ONCE = 8;
/**
 * Largest number of feeds in one activity. The fewer activities, the better, because each activity reads the records of
 * the day's slot runs, which name all feeds, and the history of a hundred thousand feeds must stay far below Temporal's
 * limits.
 */
const FEEDS_PER_STEP = 50;

/**
 * Seal the answers of a day in the raw store. Returns a description of the result; "" when there was nothing to do. A
 * damaged sealed object needs a person; it is named in the description and delays nothing else.
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
    ...(unreadable > 0 ? [`${unreadable} answers are unreadable and were not sealed`] : []),
    ...damaged.map(({ feed, damaged: reason }) => `${feed} is not sealed: ${reason}`),
  ].join('; ');
}

/**
 * Divide feeds into batches of equal size: as many batches as may run concurrently, so that all workers have some, or
 * more.
 */
function steps(feeds: readonly string[]): string[][] {
  const size = Math.min(FEEDS_PER_STEP, Math.max(1, Math.ceil(feeds.length / STEPS_AT_ONCE)));
  return batchesOf(feeds, size);
}

function summarise(feeds: readonly string[]): string {
  const [first = '', ...others] = feeds;
  return others.length === 0 ? first : `${first} to ${others.at(-1)}, ${feeds.length} feeds`;
}
