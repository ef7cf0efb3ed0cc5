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
  /** Why the answer of `stored_slot` is not complete; null if it is complete, or not known. */
  incomplete: string | null;
  is_fresh: boolean;
  /** Outcomes of the last loaded day. */
  loaded: (Counts & { day: Day }) | null;
}

/** Numbers of slots of a feed's day. */
interface Counts {
  expected: number;
  stored: number;
  failed: number;
  missed: number;
  /** Polls that were loaded and are not complete; null in a warehouse that awaits its rebuild. */
  incomplete: number | null;
  /** Why these polls are not complete, separated by commas; null if there are none. */
  incomplete_reasons: string | null;
}

export interface FeedCoverageDay extends Counts {
  feed: string;
  day: Day;
  stored_percent: number | null;
}

/** Expressions for {@link Counts}. A warehouse that awaits its rebuild does not have the columns yet. */
const INCOMPLETE = `(to_jsonb(coverage) ->> 'incomplete')::int`;
const INCOMPLETE_REASONS = `to_jsonb(coverage) ->> 'incomplete_reasons'`;

/** State of every feed: its last poll, and its outcomes on the last loaded day. */
export const feeds: Query<[], FeedNow> = {
  columns: [
    'feed',
    'slot',
    'outcome',
    'reason',
    'stored_slot',
    'charging_points',
    'incomplete',
    'is_fresh',
    'loaded',
  ],
  statement: ({ bridgedSlots }) => ({
    text: `
      select coalesce(current.feed, coverage.feed) as feed, ${iso('current.slot')} as slot, current.outcome, current.reason,
        ${iso('current.stored_slot')} as stored_slot, current.charging_points,
        to_jsonb(current) ->> 'incomplete' as incomplete,
        coalesce(${isFresh('current.stored_slot', '$1')}, false) as is_fresh,
        case when coverage.day is not null then json_build_object(
          'day', coverage.day, 'expected', expected, 'stored', stored, 'failed', failed, 'missed', missed,
          'incomplete', ${INCOMPLETE}, 'incomplete_reasons', ${INCOMPLETE_REASONS}
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
  columns: [
    'feed',
    'day',
    'expected',
    'stored',
    'failed',
    'missed',
    'incomplete',
    'incomplete_reasons',
    'stored_percent',
  ],
  statement(_, { feed }, { from, to }, page) {
    const parameters = new Parameters();
    const text = `
      select feed, day::text as day, expected, stored, failed, missed, ${INCOMPLETE} as incomplete,
        ${INCOMPLETE_REASONS} as incomplete_reasons, stored_percent::float8 as stored_percent
      from coverage
      where ${parameters.where({ 'day >= ?': from, 'day <= ?': to, 'feed = ?': feed })}
        and ${behind(page.after, ['day', 'feed'], parameters)}
      order by day, feed
      limit ${parameters.add(page.limit)}`;
    return { text, values: parameters.values };
  },
};
