import { withClient } from '../connection.js';

/** Number of a feed's polls that were loaded and are not complete, for one reason. */
export interface IncompletePolls {
  feed: string;
  /** Such as empty, shrunk or unreadable_ids. */
  reason: string;
  polls: number;
}

const STATEMENT = `
  select feed, reason, count(*)::int as polls
  from public.incomplete_poll
  where day between $1 and $2
  group by feed, reason
  order by feed, reason`;

/**
 * Read how many polls of some days are not complete, by feed and reason.
 *
 * @param url address for the driver, `postgres://…`
 * @param period first and last local day
 * @param timeoutMs how long the warehouse may take to connect, and then to answer, in milliseconds
 * @throws Error when the warehouse does not respond in time, or has the tables of an earlier version
 */
export function readIncompletePolls(
  url: string,
  { from, to }: { from: string; to: string },
  timeoutMs: number,
): Promise<IncompletePolls[]> {
  return withClient(
    url,
    'ladepuls coverage',
    async (client) => (await client.query<IncompletePolls>(STATEMENT, [from, to])).rows,
    timeoutMs,
  );
}
