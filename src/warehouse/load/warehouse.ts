import type pg from 'pg';
import { dividedFeeds, type FeedSlice } from '../../domain/chunks.js';
import { allDone, inTransaction } from '../connection.js';
import { deriveIntervals } from '../measures/publish.js';
import { examineQuality, refuseSevere } from '../quality.js';
import {
  type CheckOptions,
  type Load,
  NotAddable,
  type PublishOptions,
  type Warehouse,
} from '../warehouse.js';
import {
  bringPublished,
  publishedAnswers,
  publishedDay,
  publishedDays,
  refuseSharedIds,
} from './addition.js';
import { archivableDays, archiveDay, isArchived } from './archive.js';
import { checkStaging } from './check.js';
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
    check: (load, options) => deriveAndCheck(pool, dialect, load, options),
    publish: async (load, options) => {
      const verify = () => verifyAndCheck(pool, dialect, load, options);
      const publication = await inTransaction(pool, (client) =>
        publish(client, dialect, load, { ...options, verify }),
      );
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
 * Derive what the publication needs from the copied rows. If the database is not parallel, also check staging: see
 * {@link verifyAndCheck}.
 *
 * Every transaction is idempotent, because another attempt of this activity may run between two transactions.
 */
async function deriveAndCheck(
  pool: pg.Pool,
  dialect: Dialect,
  load: Load,
  options: CheckOptions,
): Promise<void> {
  await inStaging(pool, dialect, load, async (client) => {
    await dialect.staging.analyze(
      client,
      FACTS.map(({ spans }) => `new_${spans}`),
    );
    await dialect.staging.requireUncrashed(client, load);
    await splitOverlaps(client, dialect);
    await addUpLedgers(client);
  });
  const derivations: Work[] = [
    (client) => deriveIntervals(client, dialect, load, options.timeZone),
    ...FACTS.map(
      (fact): Work =>
        (client) =>
          dialect.facts.stage(client, fact, load),
    ),
  ];
  if (dialect.isParallel)
    await allDone(
      derivations.map((derive) =>
        inTransaction(pool, async (client) => {
          await useStaging(client, dialect, load);
          await dialect.allowSorting(client);
          await derive(client);
        }),
      ),
    );
  else
    await inStaging(pool, dialect, load, async (client) => {
      for (const derive of derivations) await derive(client);
    });
  if (!dialect.isParallel) await checkAndExamine(pool, dialect, load, options);
}

/**
 * Verify that raw is unchanged. If the database is parallel, also check staging. The publication, which uses one
 * processor, waits for both before it commits.
 */
async function verifyAndCheck(
  pool: pg.Pool,
  dialect: Dialect,
  load: Load,
  options: PublishOptions,
): Promise<Map<string, string>> {
  const inventories = await options.verify();
  if (dialect.isParallel) await checkAndExamine(pool, dialect, load, options);
  return inventories;
}

/**
 * Check staging, and examine data quality. Idempotent.
 *
 * @throws LoadRefused when a check fails
 */
function checkAndExamine(
  pool: pg.Pool,
  dialect: Dialect,
  load: Load,
  { refusesSevere }: Pick<CheckOptions, 'refusesSevere'>,
): Promise<void> {
  return inStaging(pool, dialect, load, async (client) => {
    await dialect.allowSorting(client);
    await checkStaging(client, dialect, load);
    await examineQuality(client, dialect.database, load);
    if (refusesSevere) await refuseSevere(client, load);
  });
}

type Work = (client: pg.PoolClient) => Promise<void>;

/** Run `work` on the staging tables in a transaction, after other attempts of it. */
function inStaging(pool: pg.Pool, dialect: Dialect, load: Load, work: Work): Promise<void> {
  return inTransaction(pool, async (client) => {
    await useStaging(client, dialect, load);
    await waitForOthers(client, dialect);
    await work(client);
  });
}
