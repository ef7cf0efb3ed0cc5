import { existsSync } from 'node:fs';
import { ensureSearchAttributes } from '../searchAttributes.js';
import { type Installation, type InstallationOptions, openInstallation } from '../installation.js';
import { acquireNow, applySchedules } from '../schedules.js';
import { reconcileCollection } from '../stores/collectionChange.js';
import { collectionAt, recordCollection } from '../stores/collectionLog.js';
import { collectionFile } from '../stores/knownCollection.js';
import { openStore } from '../stores/open.js';
import { HASTY, type S3Patience } from '../stores/s3Client.js';
import { namesTemporal } from '../temporal.js';
import { isRedshift } from '../warehouse/address.js';
import { completedRuns } from './completedRuns.js';
import type { Context } from './context.js';

/**
 * Brings the whole system up: Temporal, Postgres, worker and schedules, and polls the slot under way. Close it with
 * {@link runService}. Throws HomeInUse where one runs on that home.
 *
 * @param prepare done before anything is collected, once Temporal and Postgres are there
 */
export async function startService(
  context: Context,
  prepare?: InstallationOptions['prepare'],
): Promise<Installation> {
  const { config, env, signal, hurry, progress } = context;
  const installation = await openInstallation({
    config,
    env,
    // Redshift is not made for questions of many readers.
    needs: {
      temporal: true,
      ui: true,
      postgres: true,
      worker: true,
      api: !isRedshift(config.databaseUrl ?? ''),
    },
    mode: 'service',
    signal,
    hurry,
    onProgress: progress,
    prepare: async (parts) => {
      await prepare?.(parts);
      if (namesTemporal(env)) await ensureSearchAttributes(env, signal);
      await takeUpCollection(context);
    },
  });
  try {
    const client = await installation.client();
    await applySchedules(client, config);
    await acquireNow(client, config.intervalMinutes, Date.now());
    return installation;
  } catch (error) {
    await installation.close();
    throw signal.aborted ? signal.reason : error;
  }
}

/**
 * Tells of every slot and day that is done until a signal comes, then stops everything. Throws where a part of the
 * system was given up, once the rest has stopped.
 */
export async function runService(
  context: Context,
  installation: Installation,
  tell: (line: string) => void,
): Promise<void> {
  const { config, signal } = context;
  const { supervisor } = installation;
  const following = new AbortController();
  const aborted = new Promise<null>((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
  const followed = follow(installation, config.timeZone, following.signal, tell);
  const ended = await Promise.race([aborted, supervisor?.failed ?? aborted]);
  following.abort();
  tell('Stopping …');
  await followed;
  await installation.close();
  if (ended !== null) throw ended;
}

async function follow(
  installation: Installation,
  timeZone: string,
  signal: AbortSignal,
  tell: (line: string) => void,
): Promise<void> {
  for await (const line of completedRuns(await installation.client(), timeZone, signal)) tell(line);
}

/**
 * {@link bringCollectionUpToDate} for a system that starts. While the raw store does not answer, the feeds stay those that
 * were known last: polling goes on.
 */
async function takeUpCollection(context: Context): Promise<void> {
  try {
    await bringCollectionUpToDate(context, HASTY);
  } catch (error) {
    if (!existsSync(collectionFile(context.config.home))) throw error;
    const { message } = error as Error;
    context.progress(
      `The feeds are those of the last start, because the raw store does not answer: ${message}`,
    );
  }
}

/**
 * Writes into the collection log what the settings want collected, where that differs from what stands there.
 *
 * @param patience how long to wait for S3; absent: for minutes
 */
export async function bringCollectionUpToDate({ config }: Context, patience?: S3Patience): Promise<void> {
  const raw = openStore(config.rawStore, process.env, patience && { patience });
  try {
    const now = Date.now();
    const collection = reconcileCollection(await collectionAt(raw, now), config);
    if (collection) await recordCollection(raw, { at: new Date(now).toISOString(), ...collection });
  } finally {
    await raw.close();
  }
}
