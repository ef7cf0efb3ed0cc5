import { eachOf } from './eachOf.js';
import type { loadSteps } from './loadSteps.js';

/** Feeds that are sealed at once, over all workers. */
const FEEDS_AT_ONCE = 8;

type SealSteps = Pick<ReturnType<typeof loadSteps>, 'planSealing' | 'sealFeed' | 'sealRuns'>;

/**
 * Seals what the raw store holds of a day, feed by feed, and says in words what it did; "" where there was nothing to do.
 * A sealed object that is damaged needs a person: it is told, and keeps nothing else waiting.
 */
export async function sealDay({ planSealing, sealFeed, sealRuns }: SealSteps, day: string): Promise<string> {
  const { isOver, feeds } = await planSealing({ day });
  if (!isOver) return '';
  const sealings = await eachOf(feeds, FEEDS_AT_ONCE, async (feed) => ({
    feed,
    ...(await sealFeed.executeWithOptions({ summary: feed }, [{ feed, day }])),
  }));
  await sealRuns({ day });
  const sealed = sealings.filter(({ damaged }) => damaged === null);
  const sum = (count: 'answers' | 'unreadable') =>
    sealed.reduce((total, sealing) => total + sealing[count], 0);
  return [
    ...(sealed.length > 0 ? [`${sum('answers')} answers sealed, feeds: ${sealed.length}`] : []),
    ...(sum('unreadable') > 0 ? [`${sum('unreadable')} answers can't be sealed, being unreadable`] : []),
    ...sealings.flatMap(({ feed, damaged }) =>
      damaged === null ? [] : [`${feed} is not sealed: ${damaged}`],
    ),
  ].join('; ');
}
