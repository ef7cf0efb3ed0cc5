import type { PageOf, Span } from '../../answers.js';
import { iso, isFresh } from './now.js';
import { behind, Parameters, type Statement } from './statement.js';

/** The statement for how every feed is: of its last poll, and of the last day that is loaded. */
export function feedsStatement(bridgedSlots: number): Statement {
  return {
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
  };
}

/** The statement for a page of what became of each feed's polls, day by day. */
export function coverageStatement(
  { feed }: { feed?: string | undefined },
  { from, to }: Span,
  page: PageOf,
): Statement {
  const parameters = new Parameters();
  const text = `
    select feed, day::text as day, expected, stored, failed, missed, stored_percent::float8 as stored_percent
    from coverage
    where ${parameters.where({ 'day >= ?': from, 'day <= ?': to, 'feed = ?': feed })}
      and ${behind(page.after, ['day', 'feed'], parameters)}
    order by day, feed
    limit ${parameters.add(page.limit)}`;
  return { text, values: parameters.values };
}
