import type pg from 'pg';
import { FLAT_FILES } from '../../domain/flatFiles.js';
import { runMeasure } from '../measures/run.js';
import { Sql } from '../measures/sql.js';
import type { Load } from '../warehouse.js';
import { literal } from '../literal.js';
import type { Dialect } from './dialect.js';
import { list } from './tables.js';
import { withTemporary } from './temporary.js';

/** The feeds of the day, as it was and as it will be. Call before its polls are replaced. */
export const TOUCHED_FEEDS = ({ day }: Load) =>
  `select feed from poll where day = ${literal(day)} union select feed from new_poll`;

const TOUCHED_TIMES = ({ day }: Load) =>
  `select query_time from poll where day = ${literal(day)} union select query_time from new_poll`;

/** Replaces the day's polls, and keeps in `time` exactly the query times of polls that made facts. */
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

/** Leaves polls that stay as they are, which an addition has most of, as they are. */
async function replaceChanged(client: pg.PoolClient, { day }: Load): Promise<void> {
  const isSame = FLAT_FILES.poll.map((column) => `new_poll.${column} = poll.${column}`).join(' and ');
  await client.query(
    `delete from poll using (
       select poll.feed, poll.slot from poll left join new_poll on ${isSame}
       where poll.day = ${literal(day)} and new_poll.feed is null
     ) changed
     where poll.day = ${literal(day)} and poll.feed = changed.feed and poll.slot = changed.slot`,
  );
  // Most polls are complete, as far as they themselves tell: so few are written once more when they are judged.
  await client.query(
    `insert into poll (day, ${list(FLAT_FILES.poll)}, complete)
     select ${literal(day)}::date, ${list(FLAT_FILES.poll, 'new_poll.')},
       new_poll.quarantined = 0 and new_poll.charging_points > 0
     from new_poll
     left join poll on poll.day = ${literal(day)} and poll.feed = new_poll.feed and poll.slot = new_poll.slot
     where poll.feed is null`,
  );
}

/** Those of the touched times at which a poll has facts that are not in the archive. */
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

/** A poll is compared with those of its feed in so many hours before it. */
const COMPARED_HOURS = 168;
/** A complete poll has at least this share of the most charging points among these. */
const COMPLETE_SHARE = 0.8;

/** Instants between which a publication may have changed what is known; half-open. */
interface Window {
  from: Date;
  to: Date;
}

/**
 * Judges which polls can tell an absence: nothing in them was quarantined, and they have at least 80 % of the most
 * charging points that their feed had in the 168 hours before. A poll without any charging point never can. The day
 * is part of what the polls of the following 168 hours are compared with, so these are judged again.
 *
 * @returns the given window, extended to the last poll that is judged differently than before
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
    complete_share: COMPLETE_SHARE,
  });
  return last instanceof Date && last >= to ? { from, to: new Date(last.getTime() + 1) } : { from, to };
}
