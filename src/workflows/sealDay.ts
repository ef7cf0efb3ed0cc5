import { executeChild, ParentClosePolicy, workflowInfo } from '@temporalio/workflow';
import { eachOf } from './eachOf.js';
import { type LoadPriority, loadSteps } from './loadSteps.js';

/** Feeds that are sealed at once, over all workers. */
const FEEDS_AT_ONCE = 8;
/** Feeds in one run: its history stays far below its limits, however many feeds there are. */
const FEEDS_PER_RUN = 500;

export interface SealFeedsInput {
  day: string;
  feeds: string[];
  priority: LoadPriority;
}

/** What the sealing of some feeds came to. */
export interface SealedFeeds {
  feeds: number;
  answers: number;
  unreadable: number;
  /** Feeds with a sealed object that can't be read, and why. */
  damaged: Record<string, string>;
}

/**
 * Seals what the raw store holds of a day, feed by feed, and says in words what it did; "" where there was nothing to do.
 * A sealed object that is damaged needs a person: it is told, and keeps nothing else waiting.
 */
export async function sealDay(priority: LoadPriority, day: string): Promise<string> {
  const { planSealing, sealRuns } = loadSteps(priority);
  const { isOver, feeds } = await planSealing({ day });
  if (!isOver) return '';
  const sealed = await sealFeeds({ day, feeds, priority });
  await sealRuns({ day });
  return [
    ...(sealed.feeds > 0 ? [`${sealed.answers} answers sealed, feeds: ${sealed.feeds}`] : []),
    ...(sealed.unreadable > 0 ? [`${sealed.unreadable} answers can't be sealed, being unreadable`] : []),
    ...Object.entries(sealed.damaged).map(([feed, reason]) => `${feed} is not sealed: ${reason}`),
  ].join('; ');
}

/** Seals a day of some feeds; of very many in runs of their own, one after another. */
export async function sealFeeds(input: SealFeedsInput): Promise<SealedFeeds> {
  return input.feeds.length > FEEDS_PER_RUN ? inRuns(input) : inThisRun(input);
}

async function inRuns(input: SealFeedsInput): Promise<SealedFeeds> {
  const sums: SealedFeeds[] = [];
  for (let at = 0; at < input.feeds.length; at += FEEDS_PER_RUN)
    sums.push(
      await executeChild(sealFeeds, {
        workflowId: `${workflowInfo().workflowId}-seal-${at}`,
        args: [{ ...input, feeds: input.feeds.slice(at, at + FEEDS_PER_RUN) }],
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      }),
    );
  return addUp(sums);
}

async function inThisRun({ day, feeds, priority }: SealFeedsInput): Promise<SealedFeeds> {
  const { sealFeed } = loadSteps(priority);
  const sums = await eachOf(feeds, FEEDS_AT_ONCE, async (feed): Promise<SealedFeeds> => {
    const sealing = await sealFeed.executeWithOptions({ summary: feed }, [{ feed, day }]);
    const { damaged, answers, unreadable } = sealing;
    return damaged === null
      ? { feeds: 1, answers, unreadable, damaged: {} }
      : { feeds: 0, answers: 0, unreadable: 0, damaged: { [feed]: damaged } };
  });
  return addUp(sums);
}

function addUp(sums: readonly SealedFeeds[]): SealedFeeds {
  const sum = (count: 'feeds' | 'answers' | 'unreadable') =>
    sums.reduce((total, each) => total + each[count], 0);
  return {
    feeds: sum('feeds'),
    answers: sum('answers'),
    unreadable: sum('unreadable'),
    damaged: Object.assign({}, ...sums.map(({ damaged }) => damaged)) as Record<string, string>,
  };
}
