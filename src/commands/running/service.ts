import { closeSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DateTime } from 'luxon';
import { openLog } from '../../local/logFile.js';
import type { Notifier } from '../../local/notify.js';
import { oneLine } from '../../domain/oneLine.js';
import { retryUntilDone } from '../../local/pauses.js';
import { ensureSearchAttributes } from '../../temporal/searchAttributes.js';
import { type Installation, type InstallationOptions, openInstallation } from '../../app/installation.js';
import { acquireNow, applySchedules } from '../../temporal/schedules.js';
import { reconcileCollection } from '../../stores/collectionChange.js';
import { collectionAt, recordCollection } from '../../stores/collectionLog.js';
import { openKnownRaw } from '../../stores/knownRaw.js';
import { HASTY, type S3Patience } from '../../stores/s3Client.js';
import { namesTemporal } from '../../temporal/client.js';
import { isRedshift } from '../../domain/warehouseAddress.js';
import { restrictFolder } from '../../stores/restrict.js';
import { completedRuns } from './completedRuns.js';
import type { Context } from '../context/context.js';
import { folderInHome } from '../context/homeStores.js';
import { prepareWarehouse } from '../context/syncDecisions.js';
import { briefStatus } from '../status/text.js';
import { watchStatus } from './watch.js';

/** Milliseconds by which systemd's time limit is extended while a start is in progress. */
const START_EXTENDED_BY_MS = 120_000;

/**
 * Start the whole system: Temporal, Postgres, worker and schedules. Then poll the slot under way.
 * Failing steps are retried until they succeed. Polls do not wait for the warehouse. Close the installation with
 * {@link runService}.
 *
 * @param onMessage called with lines for people: each failure, restart and recovery
 * @param prepare called once Temporal and Postgres run, before anything is collected
 * @throws HomeInUse when another process owns the home directory
 */
export async function startService(
  context: Context,
  onMessage: (line: string) => void,
  prepare?: InstallationOptions['prepare'],
): Promise<Installation> {
  const { config, env, signal, hurry, progress } = context;
  const schedule = async (installation: Installation) => {
    const client = await installation.client();
    await applySchedules(client, config);
    await acquireNow(client, config.polling.intervalMinutes, Date.now());
  };
  const scheduleInTheEnd = (installation: Installation) =>
    retryUntilDone('The schedules', () => schedule(installation), { signal, onMessage });
  const later = (what: string, work: () => Promise<void>) =>
    retryUntilDone(what, work, { signal, onMessage }).catch(() => undefined); // only a stop ends the retries
  /** Wait for the first attempt. When it fails, report the error and retry in the background. */
  const sooner = async (what: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      signal.throwIfAborted();
      onMessage(`${what}: ${oneLine(String(error))}`);
      void later(what, work);
    }
  };
  let renewed: (() => void) | undefined;
  const installation = await openInstallation({
    config,
    env,
    // The API is not started on Redshift, which is not suited to many small queries.
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
    log: onMessage,
    onTemporalRenewed: () => renewed?.(),
    prepare: async (installation) => {
      await prepare?.(installation);
      if (namesTemporal(env)) await ensureSearchAttributes(env, signal);
      await restrictStores(context);
      // Polling must start even when the raw store or the warehouse is down, because answers can wait in the spool.
      await sooner('The feeds are those of the last start, because the raw store does not respond', () =>
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
 * Run a service until a signal comes; then stop everything.
 * Each completed slot, each completed day and each finding is reported to `onMessage`.
 * If systemd runs the service, systemd gets the service's state.
 *
 * @returns `restart` when no signal came, but all components have to be started again
 */
export async function runService(
  context: Context,
  installation: Installation,
  onMessage: (line: string) => void,
  notifier: Notifier,
): Promise<'stopped' | 'restart'> {
  const { config, signal } = context;
  const following = new AbortController();
  notifier.ready('All components were started.');
  notifier.watchdog(() => true); // its timer proves that this process is alive
  const followed = Promise.all([
    follow(installation, config.general.timeZone, following.signal, onMessage),
    watchStatus(context, onMessage, following.signal, (status) =>
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
  onMessage(
    why === 'stopped' ? 'Stopping …' : 'The warehouse can be reached. Starting all components again …',
  );
  if (why === 'stopped') notifier.stopping('Everything is being stopped.');
  await followed;
  await installation.close();
  if (why === 'stopped') await notifier.close();
  return why;
}

/** Start a service, and extend systemd's time limit repeatedly until the service has started. */
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
 * Create the console of a service. Each line gets the local time. Lines are also written to
 * `<home>/logs/service.log`, because the terminal may be closed.
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
    // The disk is full or the home directory is gone. Findings report both, and the console has the line at least.
  }
}

async function follow(
  installation: Installation,
  timeZone: string,
  signal: AbortSignal,
  onMessage: (line: string) => void,
): Promise<void> {
  const open = () => installation.client();
  const client = await retryUntilDone('Following what Temporal runs', open, { signal, onMessage }).catch(
    () => null,
  );
  if (client === null) return; // the service was stopped
  for await (const line of completedRuns(client, timeZone, signal)) onMessage(line);
}

/**
 * Write the feeds and the interval of the settings to the collection log when they differ from its latest entry.
 *
 * @param patience how long to wait for S3; default: minutes
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

/**
 * Restrict the home directory's stores to owner and group. An older release may have left them readable for everybody.
 */
async function restrictStores({ config }: Context): Promise<void> {
  for (const url of [config.stores.raw, config.stores.flat]) {
    const folder = await folderInHome(config.general.home, url);
    if (folder !== null) await restrictFolder(folder);
  }
}
