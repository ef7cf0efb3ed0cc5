import type { Day } from '../../domain/day.js';
import type { Outcome } from '../../domain/outcome.js';
import { iso, isFresh } from './now.js';
import { behind, Parameters, type PageOf, type Query, type Period } from './query.js';

export interface FeedNow {
  feed: string;
  slot: string | null;
  outcome: Outcome['outcome'] | null;
  reason: string | null;
  stored_slot: string | null;
  charging_points: number | null;
  is_fresh: boolean;
  /** Outcomes of the last loaded day. */
  loaded: { day: Day; expected: number; stored: number; failed: number; missed: number } | null;
}

export interface FeedCoverageDay {
  feed: string;
  day: Day;
  expected: number;
  stored: number;
  failed: number;
  missed: number;
  stored_percent: number | null;
}

/** State of every feed: its last poll, and its outcomes on the last loaded day. */
export const feeds: Query<[], FeedNow> = {
  columns: ['feed', 'slot', 'outcome', 'reason', 'stored_slot', 'charging_points', 'is_fresh', 'loaded'],
  statement: ({ bridgedSlots }) => ({
    text: `
      select coalesce(current.feed, coverage.feed) as feed, ${iso('current.slot')} as slot, current.outcome, current.reason,
        ${iso('current.stored_slot')} as stored_slot, current.charging_points,
        coalesce(${isFresh('current.stored_slot', '$1')}, false) as is_fresh,
        case when coverage.day is not null then json_build_object(
          'day', coverage.day, 'expected', expected, 'stored', stored, 'failed', failed, 'missed', missed
        ) end as loaded
      from current_feed as current
      full join (select * from coverage where day = (select max(day) from ops.day_revision)) as coverage
        on coverage.feed = current.feed
      order by 1`,
    values: [bridgedSlots],
  }),
};

/** A page of the number of polls of each outcome, for each feed and day. */
export const coverage: Query<
  [of: { feed?: string | undefined }, span: Period, page: PageOf],
  FeedCoverageDay
> = {
  columns: ['feed', 'day', 'expected', 'stored', 'failed', 'missed', 'stored_percent'],
  statement(_, { feed }, { from, to }, page) {
    const parameters = new Parameters();
    const text = `
      select feed, day::text as day, expected, stored, failed, missed, stored_percent::float8 as stored_percent
      from coverage
      where ${parameters.where({ 'day >= ?': from, 'day <= ?': to, 'feed = ?': feed })}
        and ${behind(page.after, ['day', 'feed'], parameters)}
      order by day, feed
      limit ${parameters.add(page.limit)}`;
    return { text, values: parameters.values };
  },
};
