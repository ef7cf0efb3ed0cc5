import type pg from 'pg';
import { dayBounds } from '../../domain/day.js';
import { FLAT_FILES } from '../../domain/flatFiles.js';
import { type Load, LoadOutdated, type Publication, type PublishOptions } from '../warehouse.js';
import { addPublishedLedger, requireBase } from './addition.js';
import { requireUncrashed, useAside } from './aside.js';
import { deriveDimensions, deriveHistory, replaceRuns } from '../dimensions.js';
import { allDone, allowSorting } from './database.js';
import { addSpans, analyzeFacts, replaceSpans } from './facts.js';
import { storesRows } from './form.js';
import { takeLock } from './locks.js';
import { publishMeasures } from '../measures/publish.js';
import { publishQuality } from '../quality.js';
import { judgePolls, noteTouchedFeeds } from './polls.js';

/** How long to wait for other publications. Nobody waits for this lock but publications. */
const PUBLICATION_WAIT = '60s';
/** How long to wait for a table: while this waits, readers may queue behind it. */
const TABLE_WAIT = '500ms';

/** Publishes a load. Call in a transaction; when it commits, readers see the day. */
export async function publish(
  client: pg.PoolClient,
  load: Load,
  options: PublishOptions,
): Promise<Publication> {
  await lockPublications(client);
  await allowSorting(client);
  await useAside(client, load);
  const published = await readPublication(client, load);
  if (published) return published;
  await requireUncrashed(client, load);
  // A load that an earlier version has begun.
  if (!load.isRebuild && (await storesRows(client)))
    throw new LoadOutdated(`${load.day} was copied for a warehouse that is to be rebuilt first`);
  const isAddition = load.addsTo !== undefined;
  if (isAddition) await requireBase(client, load);
  if (isAddition) await addPublishedLedger(client, load.day);
  // Listing raw and inserting spans are the longest of all, and one is not the database's.
  const [inventories] = await allDone([
    options.verify(),
    isAddition ? addSpans(client, load) : replaceSpans(client, load),
  ]);
  await client.query(`set local lock_timeout = '${TABLE_WAIT}'`);
  await noteInventories(client, inventories);
  if (!load.withoutFacts)
    await client.query('update archived_day set restored_at = now() where day = $1 and restored_at is null', [
      load.day,
    ]);
  await replaceRuns(client, 'postgres', load.day);
  await noteTouchedFeeds(client, load.day);
  await replaceTime(client, load.day, options.timeZone);
  const { start, end } = dayBounds(load.day, options.timeZone);
  await deriveHistory(
    client,
    'postgres',
    await judgePolls(client, { from: new Date(start), to: new Date(end) }),
  );
  await deriveDimensions(client, 'postgres');
  for (const table of ['ledger', 'quarantine', 'field_issue', 'coverage', 'coverage_gap', 'feed_interval'])
    await replaceDay(client, table, load.day);
  await publishMeasures(client, 'postgres', load, options);
  await publishQuality(client, load);
  await client.query(`set local lock_timeout = '${PUBLICATION_WAIT}'`);
  await analyzeFacts(client, load);
  await client.query(
    `insert into day_revision (day, revision, reason, load, loaded_until)
     select $1, coalesce(max(revision), 0) + 1, $2, $3, $4 from day_revision where day = $1`,
    [load.day, options.reason, load.run, load.window ? new Date(load.window.to) : null],
  );
  const publication = await readPublication(client, load);
  if (!publication) throw new Error(`the publication of ${load.day} left no revision`);
  return publication;
}

/** Waits until no other publication can come between, up to a minute. Call in a transaction, until whose end it holds. */
export async function lockPublications(client: pg.PoolClient): Promise<void> {
  await client.query(`set local lock_timeout = '${PUBLICATION_WAIT}'`);
  await takeLock(client, 'publication');
}

async function noteInventories(client: pg.PoolClient, inventories: Map<string, string>): Promise<void> {
  await client.query(
    `update new_ledger set inventory = noted.inventory
     from unnest($1::text[], $2::text[]) as noted (feed, inventory) where new_ledger.feed = noted.feed`,
    [[...inventories.keys()], [...inventories.values()]],
  );
}

/** What this very load published; null before it did. */
async function readPublication(client: pg.PoolClient, load: Load): Promise<Publication | null> {
  const { rows } = await client.query<Record<string, string>>(
    `select revision,
       coalesce(sum(parsed), 0) as polls,
       coalesce(sum(charging_point_facts), 0) as points,
       coalesce(sum(connector_facts), 0) as connectors,
       coalesce(sum(charging_points_quarantined + connectors_quarantined + stations_quarantined), 0) as quarantined,
       coalesce(sum(unreadable), 0) as unreadable
     from day_revision left join ledger using (day)
     where day = $1 and load = $2 group by revision`,
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
async function replaceTime(client: pg.PoolClient, day: string, timeZone: string): Promise<void> {
  await client.query(
    `create temp table touched_time on commit drop as
     select query_time from poll where day = $1 union select query_time from new_poll`,
    [day],
  );
  // Polls that stay as they are, which an addition has most of, are not written once more.
  const columns = FLAT_FILES.poll.join(', ');
  const of = (table: string) => FLAT_FILES.poll.map((column) => `${table}.${column}`).join(', ');
  await client.query(
    `delete from poll where day = $1 and not exists (select from new_poll where (${of('new_poll')}) = (${of('poll')}))`,
    [day],
  );
  // Most polls are complete, as far as they themselves tell: so few are written once more when they are judged.
  await client.query(
    `insert into poll (day, ${columns}, complete)
     select day, ${columns}, quarantined = 0 and charging_points > 0 from new_poll
     on conflict (day, feed, slot) do nothing`,
  );
  const withFacts = `select from poll where poll.query_time = touched.query_time
    and charging_point_facts + connector_facts > 0
    and day not in (select day from archived_day where restored_at is null)`;
  await client.query(
    `delete from "time" using touched_time touched
     where "time".query_time = touched.query_time and not exists (${withFacts})`,
  );
  await client.query(
    `insert into "time" (query_time, hour, day, week, month, year, weekday)
     select query_time, extract(hour from at), extract(day from at), extract(week from at),
       extract(month from at), extract(year from at), extract(dow from at)
     from touched_time touched, lateral (select query_time at time zone $1 as at) local
     where exists (${withFacts})
     on conflict (query_time) do nothing`,
    [timeZone],
  );
}

async function replaceDay(client: pg.PoolClient, table: string, day: string): Promise<void> {
  await client.query(`delete from ${table} where day = $1`, [day]);
  await client.query(`insert into ${table} select * from new_${table}`);
}
