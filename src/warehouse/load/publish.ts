import type pg from 'pg';
import { dayBounds, dayOf } from '../../domain/day.js';
import { allDone } from '../connection.js';
import { deriveDimensions, deriveHistory, replaceContentSpans } from '../dimensions.js';
import { instant, literal } from '../literal.js';
import { publishMeasures } from '../measures/publish.js';
import { type Load, LoadOutdated, type Publication, type PublishOptions } from '../warehouse.js';
import { bringPublishedLedger, requireBase } from './addition.js';
import type { Dialect } from './dialect.js';
import { addUpLedgers } from './ledgers.js';
import { judgePolls, replacePolls, TOUCHED_FEEDS, type Window } from './polls.js';
import { publishPollQuality, publishRules } from '../quality.js';
import { useStaging } from './staging.js';
import {
  COVERAGE,
  COVERAGE_GAP,
  FEED_INTERVAL,
  FILE_TABLES,
  LEDGER,
  QUALITY,
  QUALITY_FINDING,
  replaceDay,
} from './tables.js';
import { withTemporary } from './temporary.js';

/** Longest wait for the lock of publications, in milliseconds. Only publications take this lock. */
const PUBLICATION_WAIT_MS = 60_000;

/** Tables whose rows of the day are replaced by the rows in staging, after everything else is derived. */
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

/**
 * Publish a load. Idempotent: a second call returns the first publication. Call in a transaction; readers see the day
 * when it commits.
 *
 * @throws LoadOutdated when staging does not match the warehouse or the raw store any more
 */
export async function publish(
  client: pg.PoolClient,
  dialect: Dialect,
  load: Load,
  options: PublishOptions,
): Promise<Publication> {
  const { facts, words } = dialect;
  await lockPublications(client, dialect);
  await dialect.allowSorting(client);
  await useStaging(client, dialect, load);
  const published = await readPublication(client, load);
  if (published) return published;
  // An earlier version of the program may have begun this load.
  if (!load.isRebuild && (await dialect.awaitsRebuild(client)))
    throw new LoadOutdated(
      `${load.day} was copied for tables of an earlier version: the load starts again automatically, after the rebuild`,
    );
  await dialect.staging.requireUncrashed(client, load);
  if (load.addsTo !== undefined) {
    await requireBase(client, load);
    await bringPublishedLedger(client, load.day);
  }
  // The raw store is listed while the spans are inserted, because listing takes long and needs no database.
  const [inventories, judged] = await allDone([
    options.verify(),
    publishDerived(client, dialect, load, options),
  ]);
  await addUpLedgers(client, inventories);
  for (const of of OF_DAY) await replaceDay(client, of, load.day);
  await publishRules(client);
  await publishPollQuality(client, dialect.database, {
    first_day: load.day,
    last_day: dayOf(judged.to.getTime() - 1, options.timeZone),
  });
  await publishMeasures(client, dialect, load, options);
  await facts.analyze(client, load);
  const until = load.window ? instant(new Date(load.window.to)) : 'null';
  await client.query(
    `insert into day_revision (day, revision, published_at, reason, load, loaded_until)
     select ${literal(load.day)}::date, coalesce(max(revision), 0) + 1, ${words.now}, $1, $2, ${until}
     from day_revision where day = ${literal(load.day)}`,
    [options.reason, load.run],
  );
  const publication = await readPublication(client, load);
  if (!publication)
    throw new Error(
      `publishing ${load.day} recorded no revision: it was undone, and is tried again automatically`,
    );
  return publication;
}

/**
 * Publish everything that is derived from the spans in staging: facts, polls, history and dimensions. This work does
 * not depend on the raw store.
 *
 * @returns the range of time in which the publication may have changed the completeness of polls
 */
async function publishDerived(
  client: pg.PoolClient,
  dialect: Dialect,
  load: Load,
  { timeZone }: PublishOptions,
): Promise<Window> {
  const { database, facts, words } = dialect;
  await facts.publish(client, load);
  await dialect.limitTableWaits(client);
  if (!load.withoutFacts)
    await client.query(
      `update archived_day set restored_at = ${words.now} where day = $1 and restored_at is null`,
      [load.day],
    );
  await replaceContentSpans(client, database, load.day);
  const { start, end } = dayBounds(load.day, timeZone);
  let judged: Window = { from: new Date(start), to: new Date(end) };
  await withTemporary(client, 'touched_feed', words.everywhere, TOUCHED_FEEDS(load), async () => {
    await replacePolls(client, dialect, load, timeZone);
    judged = await judgePolls(client, dialect, judged);
    await deriveHistory(client, database, judged);
  });
  await deriveDimensions(client, database);
  return judged;
}

/**
 * Take the lock of publications until the end of the transaction. Wait for the lock up to one minute.
 *
 * Call as the first statement of the transaction. On Redshift, the first query or change of a transaction fixes its
 * snapshot. The snapshot must be newer than the lock. (docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation.html)
 */
export function lockPublications(client: pg.PoolClient, dialect: Dialect): Promise<void> {
  return dialect.lock(client, 'publication', PUBLICATION_WAIT_MS);
}

/** Return what this load has published; null if it has published nothing yet. */
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
