import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import type { Config } from '../../settings/config.js';
import { describeBytes } from '../../domain/byteSize.js';
import { diskUsage } from '../../local/diskUsage.js';
import { clusterVersion, postgresFolder, setAsideClusters } from '../../local/postgresLocation.js';
import { bundledVersion } from '../../local/postgresBinaries.js';
import { localFiles } from '../../local/reset.js';
import { SIMULATED_MARK } from '../../local/simulatedHome.js';
import { listRestorable } from '../../stores/configCopies.js';
import { openStore } from '../../stores/open.js';
import { listRawDays, listRawFeeds } from '../../stores/raw.js';
import { DECISION_TABLES } from '../../warehouse/decisions.js';
import { describeInstant } from '../../warehouse/syncDecisions.js';
import { CommandFailed } from '../context/context.js';
import { folderInHome, isBelow, realPath } from '../context/homeStores.js';

/** A file, a folder or the address of a store. */
export interface PlannedPath {
  path: string;
  /** Size on disk; null when it is not measured, because the store is outside the home directory. */
  bytes: number | null;
  /** `raw` is the raw store. */
  what: 'raw' | 'other';
  /** Content of the path, in words for people; '' when the path's name says it. */
  about: string;
}

export interface ResetPlan {
  home: string;
  removed: PlannedPath[];
  kept: PlannedPath[];
  /** Paths in `removed` that do not belong to the local components. */
  others: string[];
  /** Postgres' cluster and why its tables can't be read (null when they can); null when there is no cluster. */
  cluster: { path: string; problem: string | null } | null;
  /**
   * Lines for people on the raw store's copies of the tables that people edit; empty unless the cluster is unreadable.
   */
  copies: string[];
}

/** First segments of keys in a raw store. */
const RAW_NAMES = new Set(['polls', 'answers', 'runs', 'sealed', 'collection', 'config', 'collector.json']);
/** Folder in the flat store for facts that left the warehouse. */
const ARCHIVE = 'archive';
/** Folder for answers that wait until the raw store can be written to. */
const SPOOL = 'spool';

/**
 * Find out what a reset removes and keeps, with sizes. Changes nothing.
 *
 * @throws CommandFailed when the raw store is inside a path that a reset removes
 */
export async function planReset(
  config: Config,
  { raw, signal }: { raw: boolean; signal: AbortSignal },
): Promise<ResetPlan> {
  const { home } = config.general;
  const rawFolder = config.stores.raw.startsWith('file:')
    ? await realPath(resolve(config.stores.raw.slice('file:'.length)))
    : null;
  const touchesRaw = async (path: string) => rawFolder !== null && touches(await realPath(path), rawFolder);
  const cluster = await findCluster(home);
  const isSetAside = cluster !== null && cluster.problem !== null && !raw;
  const localPaths = (await localFiles(home)).filter(
    // postgres.json has the passwords of the cluster; therefore it stays with a cluster that is set aside.
    (path) => !isSetAside || path !== join(home, 'postgres.json'),
  );
  for (const path of localPaths)
    if (await touchesRaw(path))
      throw new CommandFailed(
        `The raw store ${config.stores.raw} is in ${path}, which a reset removes. Move the raw store to another folder first, and set RAW_STORE.`,
      );

  const measure = async (
    path: string,
    about = '',
    what: PlannedPath['what'] = 'other',
  ): Promise<PlannedPath> => ({
    path,
    bytes: await diskUsage(path, signal),
    what,
    about,
  });
  const removed = await Promise.all(localPaths.map((path) => measure(path, aboutLocal(path))));
  const kept: PlannedPath[] = [];
  const others: string[] = [];
  const remove = async (path: string, about: string, what?: PlannedPath['what']) => {
    others.push(path);
    removed.push(await measure(path, about, what));
  };

  const flat = await folderInHome(home, config.stores.flat);
  if (flat === null) kept.push(elsewhere(config.stores.flat));
  else if (await touchesRaw(flat)) {
    if (existsSync(flat)) kept.push(await measure(flat, 'flat files: the raw store is in the same folder'));
  } else if (existsSync(join(flat, ARCHIVE)) && !raw) {
    for (const name of await readdir(flat))
      if (name !== ARCHIVE) await remove(join(flat, name), 'flat files');
    const days = (await readdir(join(flat, ARCHIVE))).length;
    kept.push(await measure(join(flat, ARCHIVE), `facts of ${counted(days, 'day')} that left the warehouse`));
  } else if (existsSync(flat)) await remove(flat, 'flat files');

  const precious: [path: string, about: string, what?: PlannedPath['what']][] = [
    [join(home, SPOOL), 'answers that wait for the raw store'],
    [join(home, SIMULATED_MARK), 'mark of simulated data'],
  ];
  for (const path of await setAsideClusters(home))
    precious.push([path, "Postgres' cluster that was set aside"]);
  const rawInHome = await folderInHome(home, config.stores.raw);
  if (rawInHome === null) kept.push({ ...elsewhere(config.stores.raw), what: 'raw' });
  else precious.unshift([rawInHome, await describeRaw(config.stores.raw), 'raw']);
  for (const [path, about, what] of precious) {
    if (!existsSync(path)) continue;
    if (raw) await remove(path, about, what);
    else kept.push(await measure(path, about, what));
  }
  return { home, removed, kept, others, cluster, copies: isSetAside ? await describeCopies(config) : [] };
}

/** Describe for people what a reset removes, sets aside and keeps. */
export function describePlan({ removed, kept, cluster, copies }: ResetPlan): string {
  const isAside = (path: string) => copies.length > 0 && path === cluster?.path;
  const lines: string[] = [];
  const add = (title: string, paths: PlannedPath[]) => {
    if (paths.length > 0) lines.push(title, ...paths.map(describePath));
  };
  add(
    'The reset removes permanently:',
    removed.filter(({ path }) => !isAside(path)),
  );
  add(
    `This sets aside, because ${cluster?.problem ?? ''}:`,
    removed.filter(({ path }) => isAside(path)),
  );
  lines.push(...copies);
  add('The reset keeps:', kept);
  if (removed.some(({ what }) => what === 'raw'))
    lines.push('Answers in the raw store can never be asked for again.');
  return lines.join('\n');
}

function describePath({ path, bytes, about }: PlannedPath): string {
  const size = (bytes === null ? '' : describeBytes(bytes)).padStart(10);
  return `${size}  ${path}${about === '' ? '' : `  (${about})`}`;
}

function elsewhere(url: string): PlannedPath {
  return { path: url, bytes: null, what: 'other', about: 'outside of the home' };
}

/** Whether removing a path would remove the raw store or part of its content. */
function touches(path: string, rawFolder: string): boolean {
  if (path === rawFolder || isBelow(path, rawFolder)) return true;
  return isBelow(rawFolder, path) && RAW_NAMES.has(relative(rawFolder, path).split('/')[0] ?? '');
}

function aboutLocal(path: string): string {
  const name = basename(path);
  if (name === 'postgres.json') return "passwords of Postgres' cluster";
  if (name.startsWith('temporal.db')) return "Temporal's workflow histories";
  return name === 'logs' || name === 'run'
    ? ''
    : "Postgres' cluster: the warehouse, and what others made in it";
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Describe the raw store by its numbers of days and feeds. */
async function describeRaw(url: string): Promise<string> {
  const raw = openStore(url);
  try {
    const feeds = await listRawFeeds(raw, 'accepted');
    const days = await Promise.all(feeds.map((feed) => listRawDays(raw, 'accepted', feed)));
    const count = new Set(days.flat()).size;
    return `raw store: answers of ${counted(count, 'day')} and ${counted(feeds.length, 'feed')}`;
  } finally {
    await raw.close();
  }
}

/** Describe which copies of the tables that people edit a new warehouse will get, one line per table. */
async function describeCopies({ stores }: Config): Promise<string[]> {
  const raw = openStore(stores.raw);
  try {
    const lines = await Promise.all(
      DECISION_TABLES.map(async (table) => {
        const [best] = await listRestorable(raw, table);
        return best
          ? `The new warehouse gets config.${table} as of ${describeInstant(best.madeMs)}.`
          : `The raw store has no copy of config.${table}. Edits of this table are only in this cluster.`;
      }),
    );
    return lines.map((line) => `            ${line}`);
  } catch (error) {
    return [
      `            Copies of schema config in the raw store can't be looked up: ${(error as Error).message}`,
    ];
  } finally {
    await raw.close();
  }
}

async function findCluster(home: string): Promise<ResetPlan['cluster']> {
  const path = await postgresFolder(home);
  if (path === null || !existsSync(path)) return null;
  const [made, bundled] = [await clusterVersion(home), await bundledVersion()];
  if (made === bundled && existsSync(join(home, 'postgres.json'))) return { path, problem: null };
  const problem =
    made === bundled
      ? "the file with its passwords is missing, so that its tables of schema config can't be read"
      : `Postgres ${made ?? '?'} made it and this release brings ${bundled}, so that its tables of schema config can't be read`;
  return { path, problem };
}
