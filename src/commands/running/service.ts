import { closeSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DateTime } from 'luxon';
import { openLog } from '../../local/logFile.js';
import type { Notifier } from '../../local/notify.js';
import { oneLine } from '../../domain/oneLine.js';
import { persist } from '../../local/pauses.js';
import { ensureSearchAttributes } from '../../temporal/searchAttributes.js';
import { type Installation, type InstallationOptions, openInstallation } from '../../app/installation.js';
import { acquireNow, applySchedules } from '../../temporal/schedules.js';
import { reconcileCollection } from '../../stores/collectionChange.js';
import { collectionAt, recordCollection } from '../../stores/collectionLog.js';
import { openKnownRaw } from '../../stores/knownRaw.js';
import { HASTY, type S3Patience } from '../../stores/s3Client.js';
import { namesTemporal } from '../../temporal/client.js';
import { isRedshift } from '../../warehouse/address.js';
import { restrictFolder } from '../../stores/restrict.js';
import { completedRuns } from './completedRuns.js';
import type { Context } from '../context/context.js';
import { folderInHome } from '../context/homeStores.js';
import { prepareWarehouse } from '../context/syncDecisions.js';
import { briefStatus } from '../status/text.js';
import { watchStatus } from './watch.js';

/** How far a start that goes on moves systemd's time limit, in milliseconds. */
const START_EXTENDED_BY_MS = 120_000;

/**
 * Brings the whole system up: Temporal, Postgres, worker and schedules, and polls the slot under way. What fails is tried
 * again until it succeeds; polls do not wait for the warehouse. Close it with {@link runService}. Throws HomeInUse where
 * one runs on that home.
 *
 * @param tell gets lines for people: each failure, restart and recovery
 * @param prepare done before anything is collected, once Temporal and Postgres are there
 */
export async function startService(
  context: Context,
  tell: (line: string) => void,
  prepare?: InstallationOptions['prepare'],
): Promise<Installation> {
  const { config, env, signal, hurry, progress } = context;
  const schedule = async (installation: Installation) => {
    const client = await installation.client();
    await applySchedules(client, config);
    await acquireNow(client, config.polling.intervalMinutes, Date.now());
  };
  const scheduleInTheEnd = (installation: Installation) =>
    persist('The schedules', () => schedule(installation), { signal, tell });
  const later = (what: string, work: () => Promise<void>) =>
    persist(what, work, { signal, tell }).catch(() => undefined); // only a stop ends the attempts
  /** Waits for the first attempt; where it fails, further ones are made meanwhile. */
  const sooner = async (what: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      signal.throwIfAborted();
      tell(`${what}: ${oneLine(String(error))}`);
      void later(what, work);
    }
  };
  let renewed: (() => void) | undefined;
  const installation = await openInstallation({
    config,
    env,
    // Redshift is not made for questions of many readers.
    needs: {
      temporal: true,
      ui: true,
      postgres: true,
      worker: true,
      api: !isRedshift(config.warehouse.url ?? ''),
    },
    mode: 'service',
    signal,
    hurry,
    onProgress: progress,
    log: tell,
    onTemporalRenewed: () => renewed?.(),
    prepare: async (installation) => {
      await prepare?.(installation);
      if (namesTemporal(env)) await ensureSearchAttributes(env, signal);
      await restrictStores(context);
      // A raw store or a warehouse that is down keeps no feed from being polled: answers wait in the spool.
      await sooner('The feeds are those of the last start, because the raw store does not answer', () =>
        bringCollectionUpToDate(context, HASTY),
      );
      const { postgresUrl } = installation.addresses;
      if (postgresUrl !== undefined)
        void later('The warehouse', () => prepareWarehouse(context, postgresUrl));
    },
  });
  try {
    await scheduleInTheEnd(installation);
    renewed = () => {
      void later('The schedules', () => schedule(installation));
    };
    return installation;
  } catch (error) {
    await installation.close();
    throw signal.aborted ? signal.reason : error;
  }
}

/**
 * Tells of every slot and day that is done, and of what is not well, until a signal comes; then stops everything. Where
 * systemd runs the service, it is told the same.
 *
 * @returns `restart` where no signal came, but all parts have to be started again
 */
export async function runService(
  context: Context,
  installation: Installation,
  tell: (line: string) => void,
  notifier: Notifier,
): Promise<'stopped' | 'restart'> {
  const { config, signal } = context;
  const following = new AbortController();
  notifier.ready('All parts were started.');
  notifier.watchdog(() => true); // that its timer fires is what shows that this process lives
  const followed = Promise.all([
    follow(installation, config.general.timeZone, following.signal, tell),
    watchStatus(context, tell, following.signal, (status) =>
      notifier.status(briefStatus(status, config.general.timeZone)),
    ),
  ]);
  const stopped = new Promise<'stopped'>((resolve) => {
    if (signal.aborted) resolve('stopped');
    signal.addEventListener('abort', () => resolve('stopped'), { once: true });
  });
  const restart = installation.supervisor?.restartWanted.then(() => 'restart' as const);
  const why = await Promise.race(restart ? [stopped, restart] : [stopped]);
  following.abort();
  tell(why === 'stopped' ? 'Stopping …' : 'The warehouse can be reached. Starting all parts again …');
  if (why === 'stopped') notifier.stopping('Everything is being stopped.');
  await followed;
  await installation.close();
  if (why === 'stopped') await notifier.close();
  return why;
}

/** Starts a service; systemd, where it runs this, waits meanwhile. */
export async function extendStart<T>(notifier: Notifier, start: () => Promise<T>): Promise<T> {
  const extend = () => notifier.extendTimeout(START_EXTENDED_BY_MS);
  extend();
  const timer = setInterval(extend, START_EXTENDED_BY_MS / 2);
  try {
    return await start();
  } finally {
    clearInterval(timer);
  }
}

/**
 * Makes the console of a service: its lines carry the local time, and are kept in `<home>/logs/service.log` as well, since
 * the terminal may be closed.
 */
export function serviceConsole({ config }: Context, print: (line: string) => void): (line: string) => void {
  const { home, timeZone } = config.general;
  return (line) => {
    const stamped = `${DateTime.now().setZone(timeZone).toFormat("yyyy-MM-dd'T'HH:mm:ssZZ")}  ${line}`;
    print(stamped);
    appendLine(join(home, 'logs', 'service.log'), stamped);
  };
}

function appendLine(path: string, line: string): void {
  try {
    const log = openLog(path);
    writeSync(log, `${line}\n`);
    closeSync(log);
  } catch {
    // The disk is full or the home is gone, which other lines say: this one was printed at least.
  }
}

async function follow(
  installation: Installation,
  timeZone: string,
  signal: AbortSignal,
  tell: (line: string) => void,
): Promise<void> {
  const open = () => installation.client();
  const client = await persist('Following what Temporal runs', open, { signal, tell }).catch(() => null);
  if (client === null) return; // it was stopped
  for await (const line of completedRuns(client, timeZone, signal)) tell(line);
}

/**
 * Writes into the collection log what the settings want collected, where that differs from what stands there.
 *
 * @param patience how long to wait for S3; absent: for minutes
 */
export async function bringCollectionUpToDate({ config }: Context, patience?: S3Patience): Promise<void> {
  const raw = openKnownRaw(config, { patience });
  try {
    const now = Date.now();
    const collection = reconcileCollection(await collectionAt(raw, now), config.polling);
    if (collection) await recordCollection(raw, { at: new Date(now).toISOString(), ...collection });
  } finally {
    await raw.close();
  }
}

/** Lets nobody but owner and group reach what an older release left readable in the home's stores. */
async function restrictStores({ config }: Context): Promise<void> {
  for (const url of [config.stores.raw, config.stores.flat]) {
    const folder = await folderInHome(config.general.home, url);
    if (folder !== null) await restrictFolder(folder);
  }
}
