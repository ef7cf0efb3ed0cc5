import type pg from 'pg';
import { dividedFeeds, type Part } from '../../domain/chunks.js';
import type { Day } from '../../domain/day.js';
import type { Store } from '../../stores/store.js';
import { type CheckOptions, type Load, NotAddable, type Warehouse } from '../warehouse.js';
import { bringPublished, publishedAnswers, publishedDay, refuseSharedIds } from './addition.js';
import { archivableDays, archiveDay, isArchived } from './archive.js';
import { dropAside, openAside, requireUncrashed, useAside, waitForOthers } from './aside.js';
import { bringOver } from './bringOver.js';
import { checkAside, FACT_CHECKS } from './check.js';
import { FACTS, vacuumFacts } from './facts.js';
import { findConflicts } from './conflicts.js';
import { copyChunk, copyRuns } from './copy.js';
import { copyCoverage } from './coverage.js';
import { allDone, allowSorting, inTransaction, openPool } from './database.js';
import { storesRows } from './form.js';
import { deriveIntervals } from '../measures/publish.js';
import { joinParts } from './parts.js';
import { migrate } from './migrate.js';
import { notRecreated } from './others/notRecreated.js';
import { splitOverlaps } from './overlaps.js';
import { publish } from './publish.js';
import { examineQuality, refuseSevere } from '../quality.js';
import { limitReaders, type ReaderLimits } from './readerLimits.js';
import { beginRebuild, discardRebuild, dropReplaced, exchange } from './rebuild.js';

/** Connections of one worker: its loading activities run at once, most on one, checks on several. */
const POOL_SIZE = 16;

/**
 * Opens the warehouse in a Postgres database, by the connection string of its owner.
 * @param limits what readers get when it is migrated; by default what they had
 */
export function openPostgresWarehouse(url: string, limits?: ReaderLimits): Warehouse {
  const pool = openPool(url, POOL_SIZE);
  return {
    migrate: async () => {
      await migrate(pool);
      if (limits) await limitReaders(pool, limits);
    },
    awaitsRebuild: () => storesRows(pool),
    open: (load) => inTransaction(pool, (client) => openAside(client, load)),
    copyRuns: (load, parts, flat) => copyRunsAndCompare(pool, load, parts, flat),
    copyChunk: (load, chunk, parts, flat) =>
      inTransaction(pool, (client) => copyChunk(client, load, chunk, parts, flat)),
    bringOver: (load) => inTransaction(pool, (client) => bringOver(client, load)),
    copyCoverage: (load, coverage) => inTransaction(pool, (client) => copyCoverage(client, load, coverage)),
    check: (load, options) => checkAndDerive(pool, load, options),
    publish: async (load, options) => {
      const publication = await inTransaction(pool, (client) => publish(client, load, options));
      await dropAside(pool, load);
      await vacuumFacts(pool, load);
      return publication;
    },
    discard: (load) => dropAside(pool, load),
    isArchived: (load) => isArchived(pool, load),
    archivableDays: (before, limit) => archivableDays(pool, before, limit),
    archiveDay: (day, flat) => archiveDay(pool, day, flat),
    beginRebuild: (rebuild) => beginRebuild(pool, rebuild),
    exchange: (rebuild) => exchange(pool, rebuild),
    notRecreated: (rebuild) => notRecreated(pool, rebuild),
    discardRebuild: (rebuild) => discardRebuild(pool, rebuild),
    dropReplaced: () => dropReplaced(pool),
    publishedDay: (day) => publishedDay(pool, day),
    publishedAnswers: (day, feed) => publishedAnswers(pool, day, feed),
    publishedDays: async () => {
      const { rows } = await pool.query<{ day: Day }>(
        'select distinct day::text as day from ops.day_revision order by 1',
      );
      return rows.map(({ day }) => day);
    },
    close: () => pool.end(),
  };
}

async function copyRunsAndCompare(pool: pg.Pool, load: Load, parts: Part[], flat: Store) {
  return inTransaction(pool, async (client) => {
    await copyRuns(client, load, parts, flat);
    const isAddition = load.addsTo !== undefined;
    if (isAddition) await bringPublished(client, load.day);
    await joinParts(client, dividedFeeds(parts));
    if (isAddition) await refuseSharedIds(client);
    const conflicts = await findConflicts(client);
    if (isAddition && conflicts.size > 0)
      throw new NotAddable(`two stations have one number: ${load.day} is loaded as a whole`);
    return conflicts;
  });
}

/** What goes through all runs of statuses does so at once, each on a connection: the promises, and the intervals. */
async function checkAndDerive(pool: pg.Pool, load: Load, { refusesSevere }: CheckOptions): Promise<void> {
  await inTransaction(pool, async (client) => {
    await useAside(client, load);
    await waitForOthers(client);
    await client.query(`analyze ${FACTS.map(({ run }) => `new_${run}`).join(', ')}`);
    await requireUncrashed(client, load);
    await splitOverlaps(client);
  });
  const aside = (work: (client: pg.PoolClient) => Promise<void>) =>
    inTransaction(pool, async (client) => {
      await useAside(client, load);
      await allowSorting(client);
      await work(client);
    });
  await allDone([
    ...FACT_CHECKS.map((check) => aside(check)),
    aside((client) => checkAside(client, load)),
    aside((client) => deriveIntervals(client, 'postgres', load)),
  ]);
  await inTransaction(pool, async (client) => {
    await useAside(client, load);
    await waitForOthers(client);
    await examineQuality(client, 'postgres', load);
    if (refusesSevere) await refuseSevere(client, load);
  });
}
