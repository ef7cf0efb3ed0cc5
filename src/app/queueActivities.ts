import type { Logger } from 'pino';
import { createCleaner } from '../cleaning/pool.js';
import { type Config, InvalidSetting } from '../settings/config.js';
import { AWAITS_REBUILD, HOW_TO_REBUILD } from '../domain/awaitsRebuild.js';
import { createIntake } from '../intake/intake.js';
import { type AnswerLimits, MAX_FEED_BODY_BYTES } from '../sources/answerLimits.js';
import { drainSpool } from '../stores/drainSpool.js';
import { collectionFile } from '../stores/knownCollection.js';
import { openKnownRaw } from '../stores/knownRaw.js';
import { openStore } from '../stores/open.js';
import { HASTY, type S3Patience } from '../stores/s3Client.js';
import { restrictStore } from '../stores/restrict.js';
import { Spool, spoolFolder } from '../stores/spool.js';
import type { Store } from '../stores/store.js';
import type { QUEUES } from '../temporal/names.js';
import { StoreGate } from '../stores/storeGate.js';
import { openCurrent, openWarehouse } from '../warehouse/open.js';
import { acquireActivities, currentActivities, loadActivities } from './activities.js';
import { openPollClient } from './pollClient.js';
import { watchDecisions } from './watchDecisions.js';

/** The log of a queue, such as for warnings about its stores. */
type QueueLog = Pick<Logger, 'info' | 'warn'>;

/** The activities of a queue, with their stores, pools and connections open. */
export interface OpenedQueue {
  activities: object;
  close(): Promise<unknown>;
}

/** Options that tests set. */
export interface QueueOptions {
  /** Milliseconds since the epoch. Default: this machine's clock. */
  now?: () => number;
  /** Holds the feeds' secrets. Default: the environment of this process. */
  env?: NodeJS.ProcessEnv;
}

/**
 * Open the stores, pools and connections of a queue's activities, as the settings name them.
 *
 * Polls need only the raw store, and the home's spool while the raw store fails. Therefore no poll is lost while the
 * warehouse is down. For loads, the warehouse is migrated first. If the warehouse can be updated by a rebuild only, its
 * loads wait and a warning is logged.
 *
 * @throws InvalidSetting when the queue is `load` or `current` and no warehouse is set
 */
export async function openQueue(
  queue: keyof typeof QUEUES,
  config: Config,
  log: QueueLog,
  options: QueueOptions = {},
): Promise<OpenedQueue> {
  switch (queue) {
    case 'acquire':
      return openAcquire(config, log, options);
    case 'load':
      return openLoad(config, log, options);
    case 'current':
      return openCurrentQueue(config, log);
  }
}

/** One attempt is enough here, because {@link drainSpool} retries. */
const DRAIN_PATIENCE: S3Patience = { connectMs: 5_000, idleMs: 30_000, responseMs: 60_000, attempts: 1 };

/** Open the raw store, and remove the access of others than owner and group that older releases may have left. */
function openRaw(config: Config, log: QueueLog, patience?: S3Patience): Store {
  const raw = openKnownRaw(config, { patience, remembers: true });
  // Not awaited, because a disk that never responds must not delay polls.
  restrictStore(raw).catch((error: unknown) =>
    log.warn(
      `the raw store's permissions can't be restricted, so other users may be able to read it: ${String(error)}`,
    ),
  );
  return raw;
}

function openAcquire(config: Config, log: QueueLog, { now, env = process.env }: QueueOptions): OpenedQueue {
  const raw = openRaw(config, log, HASTY);
  const patientRaw = openRaw(config, log, DRAIN_PATIENCE);
  const client = openPollClient(config, env);
  const intake = createIntake({ limits: limitsOf(config) });
  const spool = new Spool(spoolFolder(config.general.home), config.stores.spoolBytes);
  const gate = new StoreGate(raw.url);
  const closing = new AbortController();
  // Drain the spool even if its size is set to 0, because an earlier run may have left answers in it.
  const draining = drainSpool({ spool, raw: patientRaw, log, onTaken: () => gate.open() }, closing.signal);
  return {
    activities: acquireActivities({
      raw,
      spool: config.stores.spoolBytes === 0 ? undefined : spool,
      collectionFile: collectionFile(config.general.home),
      gate,
      client,
      judge: intake.judge,
      maxBodyBytes: config.polling.maxBodyBytes,
      timeZone: config.general.timeZone,
      sources: { chargecloudUrl: config.polling.chargecloudUrl },
      now,
    }),
    async close() {
      client.close();
      closing.abort();
      await draining;
      await Promise.allSettled([intake.close(), raw.close(), patientRaw.close()]);
    },
  };
}

/**
 * Open the queue `current`. The warehouse need not be reachable yet: activities store current statuses as soon as it
 * is.
 */
function openCurrentQueue(config: Config, log: QueueLog): OpenedQueue {
  const raw = openRaw(config, log);
  const current = openCurrent(requireWarehouse(config));
  const intake = createIntake({ limits: storedLimitsOf(config) });
  const { readStatuses } = intake;
  return {
    activities: currentActivities({ raw, readStatuses, current, bridgedSlots: config.loading.bridgedSlots }),
    close: () => Promise.allSettled([intake.close(), current?.close(), raw.close()]),
  };
}

function limitsOf({ polling: { maxBodyBytes, maxRecords } }: Config): AnswerLimits {
  return { maxBodyBytes, maxRecords };
}

/**
 * Return the limits for stored answers. A feed may have had a limit of its own when it was polled, which a stored answer
 * does not tell.
 */
function storedLimitsOf(config: Config): AnswerLimits {
  const { maxBodyBytes, maxRecords } = limitsOf(config);
  return { maxBodyBytes: Math.max(maxBodyBytes, MAX_FEED_BODY_BYTES), maxRecords };
}

function requireWarehouse({ warehouse }: Config): string {
  if (warehouse.url !== undefined) return warehouse.url;
  throw new InvalidSetting(
    'DATABASE_URL is not set, but this worker loads days or updates current statuses, and needs the address of the warehouse. ' +
      'Set it, such as to postgres://user:password@host/database.',
  );
}

async function openLoad(config: Config, log: QueueLog, { now }: QueueOptions): Promise<OpenedQueue> {
  const databaseUrl = requireWarehouse(config);
  const raw = openRaw(config, log);
  const flat = openStore(config.stores.flat);
  const stores = { rawUrl: config.stores.raw, flatUrl: config.stores.flat };
  const limits = storedLimitsOf(config);
  const cleaner = createCleaner(stores, config.worker.threads, limits);
  const intake = createIntake({ limits });
  const warehouse = openWarehouse(databaseUrl, config);
  const current = openCurrent(databaseUrl);
  const close = () =>
    Promise.allSettled([
      cleaner.close(),
      intake.close(),
      warehouse.close(),
      current?.close(),
      raw.close(),
      flat.close(),
    ]);
  try {
    await warehouse.migrate();
    if (await warehouse.awaitsRebuild()) log.warn(`${AWAITS_REBUILD} ${HOW_TO_REBUILD}`);
  } catch (error) {
    await close();
    throw error;
  }
  const decisions = watchDecisions({ url: databaseUrl, raw, log });
  return {
    activities: loadActivities({
      raw,
      flat,
      warehouse,
      current,
      readStatuses: intake.readStatuses,
      clean: cleaner.clean,
      measure: cleaner.measure,
      takeInventories: cleaner.takeInventories,
      seal: cleaner.seal,
      bridgedSlots: config.loading.bridgedSlots,
      refusesSevere: config.loading.refusesSevere,
      retentionMonths: config.loading.retentionMonths,
      timeZone: config.general.timeZone,
      intervalMinutes: config.polling.intervalMinutes,
      // People's edits are copied after each publication at the latest.
      onPublished: () => decisions.look(),
      now,
    }),
    async close() {
      await decisions.close();
      await close();
    },
  };
}
