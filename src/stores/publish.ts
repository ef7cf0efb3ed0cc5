import { createHash } from 'node:crypto';
import { link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from './errorCode.js';

/** Maximum modes of a store's files and folders. The umask may remove further bits. */
export interface Modes {
  file: number;
  folder: number;
}

/** Owner and group may read; others may not. */
export const PRIVATE: Modes = { file: 0o640, folder: 0o750 };
/** The usual modes of a program's files: the umask alone decides. */
export const SHARED: Modes = { file: 0o666, folder: 0o777 };

/** Age at which a claim counts as abandoned. A live writer holds a claim only while it renames a file. */
const STALE_CLAIM_MS = 60_000;
const CLAIM_POLL_MS = 20;

/** Tries to create the folder. Another process may remove the empty folder before it is used, but not this often. */
const MAX_FOLDER_TRIES = 100;

/** Error codes of link(2) on file systems without hard links, such as exFAT and some network shares. */
const NO_LINKS = new Set(['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL', 'EXDEV']);

/**
 * Move a finished file to its target, replacing an existing file. Flushes the folders, so that the file survives a
 * crash.
 */
export async function publish(finished: string, target: string, modes = PRIVATE): Promise<void> {
  await intoFolder(target, modes, () => rename(finished, target));
}

/**
 * Put a finished file at its target unless the target exists. Flushes the folders, so that the file survives a crash.
 * When several processes publish to one target, exactly one succeeds. `finished` may or may not exist afterwards.
 *
 * @returns false when the target existed
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
 * Publish a file like {@link publishNew}, for file systems without hard links. A claim file next to `finished`, which
 * only one process can create, protects the check of the target and the rename.
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

/**
 * Run the step that puts the target into its folder, and create that folder if it is missing. Then flush every folder
 * that changed.
 */
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

/** Flush the folders from `folder` up to `top`, both included. */
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
    // The file is already in place. It is not lost when its folder was removed since or can't be flushed on this
    // system.
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

/**
 * Remove a claim whose writer has died. The claim is renamed first, so that only one of several processes removes it.
 */
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
