import type pg from 'pg';
import { dividedFeeds, type FeedSlice } from '../../domain/chunks.js';
import { allDone, inTransaction } from '../connection.js';
import { deriveIntervals } from '../measures/publish.js';
import { examineQuality, refuseSevere } from '../quality.js';
import { type CheckOptions, type Load, NotAddable, type Warehouse } from '../warehouse.js';
import {
  bringPublished,
  publishedAnswers,
  publishedDay,
  publishedDays,
  refuseSharedIds,
} from './addition.js';
import { archivableDays, archiveDay, isArchived } from './archive.js';
import { checkStaging, FACT_CHECKS } from './check.js';
import { findConflicts } from './conflicts.js';
import { copyChunk, copyContentSpans } from './copy.js';
import { copyCoverage } from './coverage.js';
import type { Dialect, FlatSource } from './dialect.js';
import { FACTS } from './fact.js';
import { addUpLedgers } from './ledgers.js';
import { splitOverlaps } from './overlaps.js';
import { joinSlices } from './joinSlices.js';
import { publish } from './publish.js';
import { exchange } from './rebuild.js';
import { dropStaging, openStaging, useStaging, waitForOthers } from './staging.js';

/**
 * Create a {@link Warehouse} from a connection pool of the database's owner and the dialect of the database.
 *
 * @param options.migrate brings the schema of the database up to date
 * @param options.iamRole ARN of the role with which Redshift reads and writes S3
 */
export function makeWarehouse(
  dialect: Dialect,
  pool: pg.Pool,
  { migrate, iamRole }: { migrate: () => Promise<void> } & Pick<FlatSource, 'iamRole'>,
): Warehouse {
  const { rebuilding } = dialect;
  return {
    migrate,
    awaitsRebuild: () => dialect.awaitsRebuild(pool),
    open: (load) => inTransaction(pool, (client) => openStaging(client, dialect, load)),
    copyContentSpans: (load, slices, flat) =>
      inTransaction(pool, (client) => copyAndCompare(client, dialect, load, slices, { flat, iamRole })),
    copyChunk: (load, chunk, slices, flat) =>
      inTransaction(pool, (client) => copyChunk(client, dialect, load, chunk, slices, { flat, iamRole })),
    bringOver: (load) =>
      inTransaction(pool, async (client) => {
        await useStaging(client, dialect, load);
        await waitForOthers(client, dialect);
        await dialect.staging.bringOver(client, load);
      }),
    copyCoverage: (load, coverage) =>
      inTransaction(pool, (client) => copyCoverage(client, dialect, load, coverage)),
    check: (load, options) => checkAndDerive(pool, dialect, load, options),
    publish: async (load, options) => {
      const publication = await inTransaction(pool, (client) => publish(client, dialect, load, options));
      await dropStaging(pool, load);
      await dialect.facts.vacuum(pool, load);
      return publication;
    },
    discard: (load) => dropStaging(pool, load),
    isArchived: (load) => isArchived(pool, dialect, load),
    archivableDays: (before, limit) => archivableDays(pool, before, limit),
    archiveDay: (day, flat) => archiveDay(pool, dialect, day, { flat, iamRole }),
    beginRebuild: (rebuild) => rebuilding.begin(pool, rebuild),
    exchange: (rebuild) => exchange(pool, dialect, rebuild),
    notRecreated: (rebuild) => rebuilding.notRecreated(pool, rebuild),
    discardRebuild: (rebuild) => rebuilding.discard(pool, rebuild),
    dropReplaced: () => rebuilding.dropReplaced(pool),
    publishedDay: (day) => publishedDay(pool, day),
    publishedAnswers: (day, feed) => publishedAnswers(pool, day, feed),
    publishedDays: () => publishedDays(pool),
    close: () => pool.end(),
  };
}

async function copyAndCompare(
  client: pg.PoolClient,
  dialect: Dialect,
  load: Load,
  slices: FeedSlice[],
  source: FlatSource,
) {
  await copyContentSpans(client, dialect, load, slices, source);
  const isAddition = load.addsTo !== undefined;
  if (isAddition) await bringPublished(client, load.day);
  await joinSlices(client, dialect, dividedFeeds(slices));
  if (isAddition) await refuseSharedIds(client);
  const conflicts = await findConflicts(client, dialect);
  if (isAddition && conflicts.size > 0)
    throw new NotAddable(
      `two stations have the same number: the whole ${load.day} is loaded instead, automatically`,
    );
  return conflicts;
}

/**
 * Check staging, derive status periods, and examine data quality.
 *
 * Each pass reads all status spans. Every transaction is idempotent, because another attempt of this activity may run
 * between two transactions.
 */
async function checkAndDerive(
  pool: pg.Pool,
  dialect: Dialect,
  load: Load,
  { refusesSevere }: CheckOptions,
): Promise<void> {
  const inStaging = (work: (client: pg.PoolClient) => Promise<void>) =>
    inTransaction(pool, async (client) => {
      await useStaging(client, dialect, load);
      await waitForOthers(client, dialect);
      await work(client);
    });
  await inStaging(async (client) => {
    await dialect.staging.analyze(
      client,
      FACTS.map(({ spans }) => `new_${spans}`),
    );
    await dialect.staging.requireUncrashed(client, load);
    await splitOverlaps(client, dialect);
    await addUpLedgers(client);
  });
  const passes: ((client: pg.PoolClient) => Promise<void>)[] = [
    ...FACT_CHECKS,
    (client) => deriveIntervals(client, dialect.database, load),
    (client) => checkStaging(client, dialect, load),
  ];
  if (dialect.isParallel)
    await allDone(
      passes.map((pass) =>
        inTransaction(pool, async (client) => {
          await useStaging(client, dialect, load);
          await dialect.allowSorting(client);
          await pass(client);
        }),
      ),
    );
  else
    await inStaging(async (client) => {
      for (const pass of passes) await pass(client);
    });
  await inStaging(async (client) => {
    await examineQuality(client, dialect.database, load);
    if (refusesSevere) await refuseSevere(client, load);
  });
}
