import type pg from 'pg';
import { dayBounds } from '../../domain/day.js';
import { type Load, LoadRefused, type Publication, type PublishOptions } from '../warehouse.js';
import { requireBase } from '../postgres/addition.js';
import { publishRules } from '../quality.js';
import { bringPublishedLedger } from './addition.js';
import { useAside } from './aside.js';
import { limitStatements } from './database.js';
import { deriveDimensions, deriveHistory, replaceRuns } from '../dimensions.js';
import { addUpLedgers } from './ledgers.js';
import { literal } from './literal.js';
import { publishMeasures } from '../measures/publish.js';
import { judgePolls } from './polls.js';
import {
  type DayTable,
  COVERAGE,
  COVERAGE_GAP,
  FACTS,
  FEED_INTERVAL,
  FILE_TABLES,
  LEDGER,
  QUALITY,
  QUALITY_FINDING,
  list,
  replaceDay,
} from './tables.js';
import { withTemporary } from './temporary.js';

/** How long to wait for other publications. */
const PUBLICATION_WAIT_MS = 60_000;

/** What is replaced as it stands aside, once the rest is derived. */
const OF_DAY = [
  LEDGER,
  FILE_TABLES.quarantine,
  FILE_TABLES.field_issue,
  COVERAGE,
  COVERAGE_GAP,
  FEED_INTERVAL,
  QUALITY,
  QUALITY_FINDING,
];

/** Publishes a load. Call in a transaction; when it commits, readers see the day. Readers wait for nothing. */
export async function publish(
  client: pg.PoolClient,
  load: Load,
  options: PublishOptions,
): Promise<Publication> {
  await lockPublications(client);
  await useAside(client, load);
  const published = await readPublication(client, load);
  if (published) return published;
  const isAddition = load.addsTo !== undefined;
  if (isAddition) await requireBase(client, load);
  const inventories = await options.verify();
  if (isAddition) await bringPublishedLedger(client, load.day);
  await addUpLedgers(client, inventories);
  for (const fact of FACTS) {
    if (!isAddition) await client.query(`delete from ${fact.table} where day = ${literal(load.day)}`);
    await addFacts(client, fact, load);
  }
  if (!load.withoutFacts)
    await client.query(
      'update archived_day set restored_at = sysdate where day = $1 and restored_at is null',
      [load.day],
    );
  await replaceRuns(client, 'redshift', load.day);
  await withTemporary(client, 'touched_feed', 'diststyle all', TOUCHED_FEEDS(load), async () => {
    await replaceTime(client, load, options.timeZone);
    const { start, end } = dayBounds(load.day, options.timeZone);
    await deriveHistory(
      client,
      'redshift',
      await judgePolls(client, { from: new Date(start), to: new Date(end) }),
    );
  });
  await deriveDimensions(client, 'redshift');
  for (const of of OF_DAY) await replace(client, of, load);
  await publishRules(client);
  await publishMeasures(client, 'redshift', load, options);
  const until = load.window ? `${literal(new Date(load.window.to).toISOString())}::timestamptz` : 'null';
  await client.query(
    `insert into day_revision (day, revision, published_at, reason, load, loaded_until)
     select ${literal(load.day)}::date, coalesce(max(revision), 0) + 1, sysdate, $1, $2, ${until}
     from day_revision where day = ${literal(load.day)}`,
    [options.reason, load.run],
  );
  const publication = await readPublication(client, load);
  if (!publication) throw new Error(`the publication of ${load.day} left no revision`);
  return publication;
}

/**
 * Waits until no other publication can come between, up to a minute. Call as the first statement of a transaction, until
 * whose end it holds: what the transaction sees is what there is when the wait is over.
 */
export async function lockPublications(client: pg.PoolClient): Promise<void> {
  await limitStatements(client, PUBLICATION_WAIT_MS);
  await client.query('lock table ladepuls.publication_lock');
  await limitStatements(client, 0);
}

/** The feeds of the day, as it was and as it will be. */
const TOUCHED_FEEDS = ({ day }: Load) =>
  `select feed from poll where day = ${literal(day)} union select feed from new_poll`;

async function replace(client: pg.PoolClient, of: DayTable, { day }: Load) {
  for (const statement of replaceDay(of, day)) await client.query(statement);
}

/** Makes a fact of each poll that a run of statuses goes over. Throws LoadRefused where they are not as many as counted. */
async function addFacts(
  client: pg.PoolClient,
  { table, run, id, columns }: (typeof FACTS)[number],
  { day }: Load,
): Promise<void> {
  const { rowCount: facts } = await client.query(
    `insert into ${table} (day, slot, query_time, ${list([id, ...columns])})
     select ${literal(day)}::date, poll.slot, poll.query_time, ${list([id, ...columns], 'run.')}
     from new_${run} run
     join new_poll poll on poll.feed = run.feed and poll.slot >= run.first_slot and poll.slot <= run.last_slot`,
  );
  await requireCounted(client, run, facts);
}

/** Throws LoadRefused where the spans stand for another number of facts than were made of them. */
async function requireCounted(client: pg.PoolClient, run: string, facts: number | null): Promise<void> {
  const { rows } = await client.query<{ polls: string }>(
    `select coalesce(sum(polls), 0) as polls from new_${run}`,
  );
  const counted = Number(rows[0]?.polls);
  if (facts !== counted)
    throw new LoadRefused(
      `new_${run} stands for ${counted} facts, but has made ${facts}: load the day again`,
    );
}

/** What this very load published; null before it did. */
async function readPublication(client: pg.PoolClient, load: Load): Promise<Publication | null> {
  const { rows } = await client.query<Record<string, string>>(
    `select published.revision,
       coalesce(sum(ledger.parsed), 0) as polls,
       coalesce(sum(ledger.charging_point_facts), 0) as points,
       coalesce(sum(ledger.connector_facts), 0) as connectors,
       coalesce(sum(
         ledger.charging_points_quarantined + ledger.connectors_quarantined + ledger.stations_quarantined
       ), 0) as quarantined,
       coalesce(sum(ledger.unreadable), 0) as unreadable
     from day_revision published left join ledger on ledger.day = published.day
     where published.day = $1 and published.load = $2 group by published.revision`,
    [load.day, load.run],
  );
  const [row] = rows;
  if (!row) return null;
  return {
    day: load.day,
    revision: Number(row.revision),
    polls: Number(row.polls),
    chargingPointFacts: Number(row.points),
    connectorFacts: Number(row.connectors),
    quarantined: Number(row.quarantined),
    unreadable: Number(row.unreadable),
  };
}

/** Replaces the day's polls, and keeps in `time` exactly the query times of polls that made facts. */
async function replaceTime(client: pg.PoolClient, load: Load, timeZone: string): Promise<void> {
  const touched = `select query_time from poll where day = ${literal(load.day)} union select query_time from new_poll`;
  await withTemporary(client, 'touched_time', 'diststyle all', touched, async () => {
    await replace(client, FILE_TABLES.poll, load);
    await client.query(
      'delete from "time" using touched_time where "time".query_time = touched_time.query_time',
    );
    await client.query(
      `insert into "time" (query_time, hour, day, week, month, year, weekday)
       select query_time, extract(hour from at), extract(day from at), extract(week from at),
         extract(month from at), extract(year from at), extract(dow from at)
       from (
         select distinct poll.query_time, poll.query_time at time zone ${literal(timeZone)} as at
         from touched_time join poll on poll.query_time = touched_time.query_time
         left join archived_day on archived_day.day = poll.day and archived_day.restored_at is null
         where poll.charging_point_facts + poll.connector_facts > 0 and archived_day.day is null
       ) answered`,
    );
  });
}
