import { createHash } from 'node:crypto';
import { link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from './errorCode.js';

/** The most that the files and folders of a store may allow; the umask takes from it. */
export interface Modes {
  file: number;
  folder: number;
}

/** Only the owner and the group may read. */
export const PRIVATE: Modes = { file: 0o640, folder: 0o750 };
/** What the umask leaves, as of any program's files. */
export const SHARED: Modes = { file: 0o666, folder: 0o777 };

/** A claim is held for the moment of a rename; an older one was left by a writer that was killed. */
const STALE_CLAIM_MS = 60_000;
const CLAIM_POLL_MS = 20;

/** A folder may be removed, being empty, between its making and its use; more often than this is no accident. */
const MAX_FOLDER_TRIES = 100;

/** What link(2) answers on file systems that have no hard links, such as exFAT and some network shares. */
const NO_LINKS = new Set(['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL', 'EXDEV']);

/** Moves a finished file to its place, replacing what is there, and makes that last through a crash. */
export async function publish(finished: string, target: string, modes = PRIVATE): Promise<void> {
  await intoFolder(target, modes, () => rename(finished, target));
}

/**
 * Puts a finished file in its place unless something is there, and makes that last through a crash. Of any
 * number of processes only one succeeds. `finished` may or may not be gone afterwards.
 * @returns false when the place was taken
 */
export async function publishNew(finished: string, target: string, modes = PRIVATE): Promise<boolean> {
  try {
    await intoFolder(target, modes, () => link(finished, target));
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST') return false;
    if (code && NO_LINKS.has(code)) return publishNewByClaim(finished, target, modes);
    throw error;
  }
}

/**
 * {@link publishNew} for file systems without hard links: a claim file beside `finished`, which only one
 * process can create, guards the look at the place and the rename.
 */
export async function publishNewByClaim(finished: string, target: string, modes = PRIVATE): Promise<boolean> {
  const claim = join(dirname(finished), `claim-${createHash('sha256').update(target).digest('hex')}`);
  for (;;) {
    if (await exists(target)) return false;
    if (await createClaim(claim, modes)) break;
    await sleep(CLAIM_POLL_MS);
    await releaseStale(claim);
  }
  try {
    if (await exists(target)) return false;
    await publish(finished, target, modes);
    return true;
  } finally {
    await rm(claim, { force: true });
  }
}

/** Makes the target's folder, does the step that fills it, and flushes every folder that this changed. */
async function intoFolder(target: string, { folder: mode }: Modes, step: () => Promise<void>): Promise<void> {
  const folder = dirname(target);
  let topmostNew: string | undefined;
  for (let attempt = 1; ; attempt++) {
    try {
      await step();
      break;
    } catch (error) {
      if (errorCode(error) !== 'ENOENT' || attempt === MAX_FOLDER_TRIES) throw error;
    }
    topmostNew = (await mkdir(folder, { recursive: true, mode })) ?? topmostNew;
  }
  await flushFolders(folder, topmostNew ? dirname(topmostNew) : folder);
}

/** Flushes the folders from `folder` up to `top`, both included. */
async function flushFolders(folder: string, top: string): Promise<void> {
  for (let current = folder; ; current = dirname(current)) {
    await flushFolder(current);
    if (current === top || basename(current) === '') return;
  }
}

async function flushFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    // The object stands already; a folder that was removed since, or can't be flushed here, takes nothing from it.
    if (!['ENOENT', 'EISDIR', 'EPERM', 'EINVAL', 'ENOTSUP'].includes(errorCode(error) ?? '')) throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

async function createClaim(claim: string, modes: Modes): Promise<boolean> {
  try {
    await (await open(claim, 'wx', modes.file)).close();
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Takes a dead writer's claim away. It is renamed first, so that of several that see it only one removes it. */
async function releaseStale(claim: string): Promise<void> {
  try {
    if (Date.now() - (await stat(claim)).mtimeMs < STALE_CLAIM_MS) return;
    const taken = `${claim}-${process.pid}-stale`;
    await rename(claim, taken);
    await rm(taken, { force: true });
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
