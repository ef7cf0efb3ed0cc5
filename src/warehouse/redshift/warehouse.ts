import type pg from 'pg';
import { dividedFeeds, type Part } from '../../domain/chunks.js';
import type { Day } from '../../domain/day.js';
import type { Store } from '../../stores/store.js';
import { inTransaction } from '../postgres/database.js';
import { type CheckOptions, LoadRefused, NotAddable, type Load, type Warehouse } from '../warehouse.js';
import { publishedAnswers, refuseSharedIds } from '../postgres/addition.js';
import { bringPublished, publishedDay } from './addition.js';
import { archivableDays, archiveDay, isArchived } from './archive.js';
import { dropAside, openAside, useAside, waitForOthers } from './aside.js';
import { checkAside } from './check.js';
import { findConflicts } from './conflicts.js';
import { copyChunk, copyRuns, type FlatSource } from './copy.js';
import { copyCoverage } from './coverage.js';
import { openPool } from './database.js';
import { deriveIntervals } from '../measures/publish.js';
import { awaitsRebuild, migrate } from './migrate.js';
import { addUpLedgers } from './ledgers.js';
import { splitOverlaps } from './overlaps.js';
import { joinParts } from './parts.js';
import { publish } from './publish.js';
import { examineQuality, refuseSevere } from '../quality.js';
import { beginRebuild, discardRebuild, dropReplaced, exchange } from './rebuild.js';

/** Connections of one worker: its loading activities run at once, each on one. */
const POOL_SIZE = 12;

const NOT_BROUGHT_OVER =
  'answers of it are gone from the raw store, and on Redshift no day is brought over without them. ' +
  'Bring the answers back with "ladepuls import", and rebuild again.';

/**
 * Opens the warehouse in a Redshift database, by the connection string of its owner, `redshift://…`.
 *
 * @param iamRole ARN of the role that Redshift reads and writes the flat store on S3 with
 */
export function openRedshiftWarehouse(url: string, iamRole: string): Warehouse {
  const pool = openPool(url, POOL_SIZE);
  const source = (flat: Store): FlatSource => ({ flat, iamRole });
  return {
    migrate: () => migrate(pool),
    awaitsRebuild: () => awaitsRebuild(pool),
    open: (load) => inTransaction(pool, (client) => openAside(client, load)),
    copyRuns: (load, parts, flat) =>
      inTransaction(pool, (client) => copyRunsAndCompare(client, load, parts, source(flat))),
    copyChunk: (load, chunk, parts, flat) =>
      inTransaction(pool, (client) => copyChunk(client, load, chunk, parts, source(flat))),
    bringOver: ({ day }) => Promise.reject(new LoadRefused(`${day}: ${NOT_BROUGHT_OVER}`)),
    copyCoverage: (load, coverage) => inTransaction(pool, (client) => copyCoverage(client, load, coverage)),
    check: (load, options) => inTransaction(pool, (client) => checkAndDerive(client, load, options)),
    publish: async (load, options) => {
      const publication = await inTransaction(pool, (client) => publish(client, load, options));
      await dropAside(pool, load);
      return publication;
    },
    discard: (load) => dropAside(pool, load),
    isArchived: (load) => isArchived(pool, load),
    archivableDays: (before, limit) => archivableDays(pool, before, limit),
    archiveDay: (day, flat) => archiveDay(pool, day, source(flat)),
    beginRebuild: (rebuild) => beginRebuild(pool, rebuild),
    exchange: (rebuild) => exchange(pool, rebuild),
    // A rebuild is refused where it would lose what is bound to the tables.
    notRecreated: () => Promise.resolve({ found: [], total: 0 }),
    discardRebuild: (rebuild) => discardRebuild(pool, rebuild),
    dropReplaced: () => dropReplaced(pool),
    publishedDay: (day) => publishedDay(pool, day),
    publishedAnswers: (day, feed) => publishedAnswers(pool, day, feed),
    publishedDays: async () => {
      const { rows } = await pool.query<{ day: Day }>(
        `select distinct to_char(day, 'YYYY-MM-DD') as day from ops.day_revision order by 1`,
      );
      return rows.map(({ day }) => day);
    },
    close: () => pool.end(),
  };
}

async function copyRunsAndCompare(client: pg.PoolClient, load: Load, parts: Part[], source: FlatSource) {
  await copyRuns(client, load, parts, source);
  const isAddition = load.addsTo !== undefined;
  if (isAddition) await bringPublished(client, load.day);
  await joinParts(client, dividedFeeds(parts));
  if (isAddition) await refuseSharedIds(client);
  const conflicts = await findConflicts(client);
  if (isAddition && conflicts.size > 0)
    throw new NotAddable(`two stations have one number: ${load.day} is loaded as a whole`);
  return conflicts;
}

async function checkAndDerive(
  client: pg.PoolClient,
  load: Load,
  { refusesSevere }: CheckOptions,
): Promise<void> {
  await useAside(client, load);
  await waitForOthers(client);
  await splitOverlaps(client);
  await addUpLedgers(client);
  await deriveIntervals(client, 'redshift', load);
  await checkAside(client, load);
  await examineQuality(client, 'redshift', load);
  if (refusesSevere) await refuseSevere(client, load);
}
