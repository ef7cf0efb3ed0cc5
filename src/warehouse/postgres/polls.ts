import type pg from 'pg';
import { COMPARED_HOURS, COMPLETE_SHARE, type Window } from '../load/absence.js';

/** Notes the feeds of the day, as it was and as it will be. Call before its polls are replaced. */
export async function noteTouchedFeeds(client: pg.PoolClient, day: string): Promise<void> {
  await client.query(
    `create temp table touched_feed on commit drop as
     select feed from poll where day = $1 union select feed from new_poll`,
    [day],
  );
}

/**
 * Judges which polls can tell an absence: nothing in them was quarantined, and they have at least 80 % of the most
 * charging points that their feed had in the 168 hours before. A poll without any charging point never can. The day
 * is part of what the polls of the following 168 hours are compared with, so these are judged again.
 *
 * @returns the given window, extended to the last poll that is judged differently than before
 */
export async function judgePolls(client: pg.PoolClient, day: Window): Promise<Window> {
  const { rows } = await client.query<{ last: Date | null }>(
    `with judged as (
       select feed, slot, quarantined = 0 and charging_points > 0 and charging_points >= ${COMPLETE_SHARE} * max(charging_points)
         over (partition by feed order by slot range between '${COMPARED_HOURS} hours' preceding and current row) as complete
       from poll join touched_feed using (feed)
       where slot >= $1::timestamptz - interval '${COMPARED_HOURS} hours'
         and slot < $2::timestamptz + interval '${COMPARED_HOURS} hours'
     ), changed as (
       update poll set complete = judged.complete from judged
       where poll.feed = judged.feed and poll.slot = judged.slot and poll.slot >= $1
         and poll.complete <> judged.complete
       returning poll.slot
     )
     select max(slot) as last from changed`,
    [day.from, day.to],
  );
  const last = rows[0]?.last;
  if (!last || last < day.to) return day;
  return { from: day.from, to: new Date(last.getTime() + 1) };
}
