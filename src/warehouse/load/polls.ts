import type pg from 'pg';
import { COMPARED_HOURS, COMPARED_POLLS, COMPLETE_SHARE } from '../../domain/completeness.js';
import { FLAT_FILES } from '../../domain/flatFiles.js';
import { runMeasure } from '../measures/run.js';
import { Sql } from '../measures/sql.js';
import type { Load } from '../warehouse.js';
import { literal } from '../literal.js';
import type { Dialect } from './dialect.js';
import { list } from './tables.js';
import { withTemporary } from './temporary.js';

/** Query for the feeds of the day, both published and in staging. Run it before the day's polls are replaced. */
export const TOUCHED_FEEDS = ({ day }: Load) =>
  `select feed from poll where day = ${literal(day)} union select feed from new_poll`;

const TOUCHED_TIMES = ({ day }: Load) =>
  `select query_time from poll where day = ${literal(day)} union select query_time from new_poll`;

/**
 * Replace the polls of the day, and update table `time` so that it has exactly the query times of polls with facts.
 *
 * @param timeZone IANA name of the time zone in which `time` states hour, day, week and weekday
 */
export async function replacePolls(
  client: pg.PoolClient,
  { words }: Dialect,
  load: Load,
  timeZone: string,
): Promise<void> {
  await withTemporary(client, 'touched_time', words.everywhere, TOUCHED_TIMES(load), async () => {
    await replaceChanged(client, load);
    await withTemporary(client, 'polled_time', words.everywhere, POLLED_TIMES, () =>
      replaceTimes(client, timeZone),
    );
  });
}

/** Delete and insert only the polls that changed. In an addition, most polls stay the same. */
async function replaceChanged(client: pg.PoolClient, { day }: Load): Promise<void> {
  const isSame = FLAT_FILES.poll.map(sameIn).join(' and ');
  await client.query(
    `delete from poll using (
       select poll.feed, poll.slot from poll left join new_poll on ${isSame}
       where poll.day = ${literal(day)} and new_poll.feed is null
     ) changed
     where poll.day = ${literal(day)} and poll.feed = changed.feed and poll.slot = changed.slot`,
  );
  // Most polls are complete. Therefore few rows are updated when polls are judged.
  await client.query(
    `insert into poll (day, ${list(FLAT_FILES.poll)}, complete)
     select ${literal(day)}::date, ${list(FLAT_FILES.poll, 'new_poll.')}, true
     from new_poll
     left join poll on poll.day = ${literal(day)} and poll.feed = new_poll.feed and poll.slot = new_poll.slot
     where poll.feed is null`,
  );
}

/** Condition that a poll in staging and the published poll have the same value. Only `fault` can be null. */
function sameIn(column: (typeof FLAT_FILES.poll)[number]): string {
  const [staged, published] = [`new_poll.${column}`, `poll.${column}`];
  const isEqual = `${staged} = ${published}`;
  return column === 'fault' ? `(${isEqual} or (${staged} is null and ${published} is null))` : isEqual;
}

/** Query for the touched times at which a poll has facts outside the archive. */
const POLLED_TIMES = `
  select distinct poll.query_time
  from touched_time join poll on poll.query_time = touched_time.query_time
  left join archived_day on archived_day.day = poll.day and archived_day.restored_at is null
  where poll.charging_point_facts + poll.connector_facts > 0 and archived_day.day is null`;

async function replaceTimes(client: pg.PoolClient, timeZone: string): Promise<void> {
  await client.query(
    `delete from "time" using (
       select touched_time.query_time
       from touched_time left join polled_time on polled_time.query_time = touched_time.query_time
       where polled_time.query_time is null
     ) gone
     where "time".query_time = gone.query_time`,
  );
  await client.query(
    `insert into "time" (query_time, hour, day, week, month, year, weekday)
     select query_time, extract(hour from at), extract(day from at), extract(week from at),
       extract(month from at), extract(year from at), extract(dow from at)
     from (
       select polled_time.query_time, polled_time.query_time at time zone ${literal(timeZone)} as at
       from polled_time left join "time" known on known.query_time = polled_time.query_time
       where known.query_time is null
     ) added`,
  );
}

/** Range of time in which a publication may have changed the completeness of polls; half-open. */
export interface Window {
  from: Date;
  to: Date;
}

/**
 * Decide which polls are complete, so that absence may be concluded from them, and why the others are not.
 *
 * A poll is not complete if one of these conditions holds:
 *
 * - It has no charging points (`empty`).
 * - It is foreign, or another fault of the poll itself is known.
 * - It has less than 80 % of the charging points of its feed's largest poll in the 168 hours before (`shrunk`).
 * - It has more unidentified records than one of the last 144 polls in these hours (`unreadable_ids`).
 *
 * Polls of the 168 hours after the day are decided again, because they are compared with polls of the day. So the
 * result does not depend on the order in which days are loaded.
 *
 * @returns the given window, extended to the last poll whose completeness changed
 */
export async function judgePolls(
  client: pg.PoolClient,
  { database }: Dialect,
  { from, to }: Window,
): Promise<Window> {
  const { last_changed: last } = await runMeasure(client, database, 'judged_poll', {
    from,
    to,
    compared: new Sql(`interval '${COMPARED_HOURS} hours'`),
    compared_polls: COMPARED_POLLS,
    complete_share: COMPLETE_SHARE,
  });
  return last instanceof Date && last >= to ? { from, to: new Date(last.getTime() + 1) } : { from, to };
}
