import { styleText } from 'node:util';
import { type Coverage, type SharedGap, shareGaps, sumCoverage } from '../../domain/coverage.js';
import { addDays, type Day, dayOf, daysBetween, parseDay } from '../../domain/day.js';
import { localTime } from '../../domain/localTime.js';
import { lastExpectedDays } from '../../stores/collectionLog.js';
import { type FeedCoverage, readCoverage } from '../../stores/coverage.js';
import { openStore } from '../../stores/open.js';
import type { Store } from '../../stores/store.js';
import type { Context } from '../context/context.js';
import { formatTable } from '../console/table.js';
import { countIncomplete, type Incomplete, readIncomplete } from './incomplete.js';

export interface CoverageOptions {
  from?: string;
  to?: string;
  json?: boolean;
}

const DEFAULT_DAYS = 7;
const GAPS_SHOWN = 10;
/** Number of feeds that a line lists by name. */
const FEEDS_NAMED = 4;
/** Share of the expected slots from which a day counts as good; below `BAD_SHARE`, a day counts as bad. */
const GOOD_SHARE = 0.99;
const BAD_SHARE = 0.9;

/** Print which slots of each feed were stored, failed or missed, and why (`ladepuls coverage`). */
export async function coverage(context: Context, options: CoverageOptions): Promise<void> {
  const { config, signal } = context;
  const { timeZone } = config.general;
  const nowMs = Date.now();
  const raw = openStore(config.stores.raw);
  try {
    const days = await chooseDays(raw, options, nowMs, timeZone);
    const [feeds, incomplete] = await Promise.all([
      readCoverage(raw, { days, timeZone, nowMs, signal }),
      readIncomplete(context, days),
    ]);
    process.stdout.write(
      options.json ? asJson(days, feeds, incomplete) : asText(days, feeds, incomplete, timeZone),
    );
  } finally {
    await raw.close();
  }
}

async function chooseDays(
  raw: Store,
  { from, to }: CoverageOptions,
  nowMs: number,
  timeZone: string,
): Promise<Day[]> {
  if (from === undefined && to === undefined) return lastExpectedDays(raw, DEFAULT_DAYS, nowMs, timeZone);
  const last = parseDay(to ?? dayOf(nowMs, timeZone));
  return daysBetween(parseDay(from ?? addDays(last, 1 - DEFAULT_DAYS)), last);
}

function asJson(days: Day[], feeds: FeedCoverage[], incomplete: Incomplete): string {
  const readable = feeds.map(({ gaps, ...feed }) => ({
    ...feed,
    gaps: gaps.map(readableGap),
    incomplete: countIncomplete(incomplete, feed.feed),
  }));
  const total = { ...totalOf(feeds), incomplete: countIncomplete(incomplete) };
  return `${JSON.stringify({ days, total, feeds: readable })}\n`;
}

function readableGap<G extends { first: number; last: number }>(gap: G) {
  return { ...gap, first: new Date(gap.first).toISOString(), last: new Date(gap.last).toISOString() };
}

function asText(days: Day[], feeds: FeedCoverage[], incomplete: Incomplete, timeZone: string): string {
  if (feeds.length === 0)
    return 'Nothing was to be polled in these days, and the raw store has no answers.\n';
  const table = formatTable(
    ['feed', ...days, 'expected', 'stored', 'failed', 'missed', 'incomplete'],
    feeds.map(({ feed, days: ofDays, total }) => [
      feed,
      ...ofDays.map(shareCell),
      total.expected,
      total.stored,
      total.failed,
      total.missed,
      countIncomplete(incomplete, feed)?.polls ?? '',
    ]),
  );
  const gaps = shareGaps(new Map(feeds.map(({ feed, gaps: ofFeed }) => [feed, ofFeed])));
  return [
    table,
    describeTotal(totalOf(feeds)),
    ...describeUnexpected(feeds),
    ...describeIncomplete(incomplete),
    ...describeGaps(gaps, timeZone),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function totalOf(feeds: FeedCoverage[]): Coverage {
  return sumCoverage(feeds.map(({ total }) => total));
}

/** Format the share of a day's slots that are stored. The share is rounded down, so that 100 % means all slots. */
function shareCell({ expected, stored }: Coverage): string {
  if (expected === 0) return '';
  const share = stored / expected;
  const text = `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;
  if (!process.stdout.isTTY || process.env.NO_COLOR) return text;
  return styleText(share >= GOOD_SHARE ? 'green' : share >= BAD_SHARE ? 'yellow' : 'red', text);
}

function describeTotal({ expected, stored, failed, missed, reasons }: Coverage): string {
  const list = describeReasons(reasons);
  const why = list === '' ? '' : ` (${list})`;
  return `${stored} of ${expected} polls stored, ${failed} failed, ${missed} missed${why}`;
}

/** Describe how many polls have each reason, the most frequent reason first. */
function describeReasons(reasons: Record<string, number>): string {
  return Object.entries(reasons)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, slots]) => `${reason} ${slots}`)
    .join(', ');
}

function describeIncomplete(incomplete: Incomplete): string[] {
  if ('unknown' in incomplete)
    return [`Which stored polls are incomplete is not known, because ${incomplete.unknown}.`];
  const { polls, reasons } = countIncomplete(incomplete) ?? { polls: 0, reasons: {} };
  if (polls === 0) return [];
  return [
    `${polls} stored and loaded polls are incomplete (${describeReasons(reasons)}): nothing counts as absent because such a poll lacks it`,
  ];
}

function describeUnexpected(feeds: FeedCoverage[]): string[] {
  const unexpected = feeds.reduce((sum, feed) => sum + feed.unexpected, 0);
  return unexpected === 0
    ? []
    : [
        `${unexpected} more stored, of slots that were under way when collecting began, or that nobody was to poll`,
      ];
}

function describeGaps(gaps: SharedGap[], timeZone: string): string[] {
  if (gaps.length === 0) return [];
  const local = (slot: number) => localTime(slot, timeZone);
  const lines = gaps.slice(0, GAPS_SHOWN).map(({ first, last, slots, outcome, reason, feeds }) => {
    const when = slots === 1 ? local(first) : `${local(first)} to ${local(last)}`;
    return `  ${when}: ${slots} ${slots === 1 ? 'slot' : 'slots'} ${outcome}, ${reason}: ${nameFeeds(feeds)}`;
  });
  const rest = gaps.length - lines.length;
  return ['Longest gaps:', ...lines, ...(rest > 0 ? [`  and ${rest} shorter ones (--json has all)`] : [])];
}

function nameFeeds(feeds: string[]): string {
  return feeds.length <= FEEDS_NAMED ? feeds.join(', ') : `${feeds.length} feeds`;
}
