import { createAcquireActivities } from './activities/acquire.js';
import { createCurrentActivities } from './activities/current.js';
import type { LoadActivities } from './activities/load.js';
import { createLoadQueueActivities } from './activities/loadQueue.js';
import { createCleaner } from './cleaning/pool.js';
import { type Config, InvalidSetting } from './config.js';
import { CHUNK_SIZES } from './domain/chunks.js';
import { createIntake } from './intake/intake.js';
import { openPollClient } from './pollClient.js';
import { createLog } from './log.js';
import { openStore } from './stores/open.js';
import { openCurrent, openWarehouse } from './warehouse/open.js';
import { type DecisionsWatch, watchDecisions } from './watchDecisions.js';
import type { QUEUES } from './workflows/names.js';

/** The activities of a queue, with all that they need opened. */
export interface QueueActivities {
  activities: object;
  close(): Promise<unknown>;
}

/**
 * Opens what a queue's activities need, by the settings: polls need the raw store alone, so that a warehouse that is
 * down loses none of them. For loads, the warehouse is brought up to date first.
 *
 * @throws InvalidSetting where loads or current statuses are wanted and no warehouse is named
 */
export function openQueue(queue: keyof typeof QUEUES, config: Config): Promise<QueueActivities> {
  switch (queue) {
    case 'acquire':
      return Promise.resolve(openAcquire(config));
    case 'load':
      return openLoad(config);
    case 'current':
      return Promise.resolve(openCurrentQueue(config));
  }
}

function openAcquire(config: Config): QueueActivities {
  const raw = openStore(config.rawStore);
  const client = openPollClient(config);
  const intake = createIntake({ limits: { maxRecords: config.maxRecords } });
  return {
    activities: createAcquireActivities({
      raw,
      client,
      judge: intake.judge,
      timeZone: config.timeZone,
      sources: { chargecloudUrl: config.chargecloudUrl },
      now: Date.now,
    }),
    async close() {
      client.close();
      await Promise.all([intake.close(), raw.close()]);
    },
  };
}

/** The warehouse need not be there yet: current statuses are kept as soon as it is. */
function openCurrentQueue(config: Config): QueueActivities {
  const raw = openStore(config.rawStore);
  const current = openCurrent(requireWarehouse(config));
  const intake = createIntake({ limits: { maxRecords: config.maxRecords } });
  const { readStatuses } = intake;
  return {
    activities: createCurrentActivities({ raw, readStatuses, current, bridgedSlots: config.bridgedSlots }),
    close: () => Promise.allSettled([intake.close(), current?.close(), raw.close()]),
  };
}

function requireWarehouse({ databaseUrl }: Config): string {
  if (databaseUrl !== undefined) return databaseUrl;
  throw new InvalidSetting(
    'DATABASE_URL is not set, but a worker that loads or keeps current statuses must know its warehouse: ' +
      'postgres://user:password@host/database.',
  );
}

async function openLoad(config: Config): Promise<QueueActivities> {
  const databaseUrl = requireWarehouse(config);
  const raw = openStore(config.rawStore);
  const flat = openStore(config.flatStore);
  const stores = { rawUrl: config.rawStore, flatUrl: config.flatStore };
  const limits = { maxRecords: config.maxRecords };
  const cleaner = createCleaner(stores, config.threads, limits);
  const intake = createIntake({ limits });
  const warehouse = openWarehouse(databaseUrl, config);
  const current = openCurrent(databaseUrl);
  const activities = createLoadQueueActivities({
    raw,
    flat,
    warehouse,
    current,
    readStatuses: intake.readStatuses,
    clean: cleaner.clean,
    measure: cleaner.measure,
    chunkSizes: CHUNK_SIZES,
    bridgedSlots: config.bridgedSlots,
    refusesSevere: config.refusesSevere,
    seal: cleaner.seal,
    retentionMonths: config.retentionMonths,
    timeZone: config.timeZone,
    intervalMinutes: config.intervalMinutes,
    now: Date.now,
  });
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
  } catch (error) {
    await close();
    throw error;
  }
  const decisions = watchDecisions({ url: databaseUrl, raw, log: createLog(config.logLevel) });
  return {
    activities: { ...activities, publishLoad: lookingAfter(activities.publishLoad, decisions) },
    async close() {
      await decisions.close();
      await close();
    },
  };
}

/** A publication is the latest moment by which what people edited is copied. */
function lookingAfter(
  publishLoad: LoadActivities['publishLoad'],
  decisions: DecisionsWatch,
): LoadActivities['publishLoad'] {
  return async (load) => {
    const publication = await publishLoad(load);
    decisions.look();
    return publication;
  };
}
