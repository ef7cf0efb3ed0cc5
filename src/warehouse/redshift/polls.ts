import type pg from 'pg';
import { COMPARED_HOURS, COMPLETE_SHARE, type Window } from '../load/absence.js';
import { instant } from './literal.js';
import { withTemporary } from './temporary.js';

/**
 * Judges which polls can tell an absence, as `../postgres/polls.ts` says. Redshift's windows count rows, not hours; so each
 * poll that has less than 80 % of the most that its feed has in all these hours, which few have, is compared with those
 * before it one by one.
 *
 * @returns the given window, extended to the last poll that is judged differently than before
 */
export async function judgePolls(client: pg.PoolClient, day: Window): Promise<Window> {
  return withTemporary(client, 'judged', 'distkey (feed)', JUDGED(day), async () => {
    const { rows } = await client.query<{ last: Date | null }>(
      `select max(poll.slot) as last
       from poll join judged on judged.feed = poll.feed and judged.slot = poll.slot
       where poll.complete <> judged.complete`,
    );
    await client.query(
      `update poll set complete = judged.complete
       from judged
       where poll.feed = judged.feed and poll.slot = judged.slot and poll.complete <> judged.complete`,
    );
    const last = rows[0]?.last;
    if (!last || last < day.to) return day;
    return { from: day.from, to: new Date(last.getTime() + 1) };
  });
}

const JUDGED = (day: Window) => `
  with compared as (
    select poll.feed, poll.slot, poll.charging_points, poll.quarantined
    from poll join touched_feed on touched_feed.feed = poll.feed
    where poll.slot >= ${instant(day.from)} - interval '${COMPARED_HOURS} hours'
      and poll.slot < ${instant(day.to)} + interval '${COMPARED_HOURS} hours'
  ), most as (
    select feed, max(charging_points) as charging_points from compared group by feed
  ), suspected as (
    select compared.feed, compared.slot, compared.charging_points
    from compared join most on most.feed = compared.feed
    where compared.charging_points < ${COMPLETE_SHARE} * most.charging_points
  ), shrunk as (
    select distinct suspected.feed, suspected.slot
    from suspected join compared before on before.feed = suspected.feed
    where before.slot <= suspected.slot
      and before.slot >= suspected.slot - interval '${COMPARED_HOURS} hours'
      and suspected.charging_points < ${COMPLETE_SHARE} * before.charging_points
  )
  select compared.feed, compared.slot,
    case
      when compared.quarantined = 0 and compared.charging_points > 0 and shrunk.slot is null then true
      else false
    end as complete
  from compared left join shrunk on shrunk.feed = compared.feed and shrunk.slot = compared.slot
  where compared.slot >= ${instant(day.from)}`;
