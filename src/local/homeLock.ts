import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ComponentState } from './componentState.js';
import { isRunning, ownIdentity, type ProcessIdentity } from './processIdentity.js';

/** Addresses of the components of a running home. */
export interface Addresses {
  /** `host:port` of Temporal's frontend. */
  temporalAddress?: string;
  temporalUiUrl?: string;
  /** Connection string of the warehouse's owner, with its password. */
  postgresUrl?: string;
  apiUrl?: string;
}

/**
 * How long an owner runs. `service`: until it is stopped (start, demo). `command`: until its work is done (load, import
 * …).
 */
export type OwnerMode = 'service' | 'command';

/** The process that runs the components of a home. */
export interface HomeOwner extends ProcessIdentity {
  mode: OwnerMode;
  /** When it became the owner, an ISO instant. */
  since: string;
  /** null while the owner is starting. */
  addresses: Addresses | null;
  /** The state of each component that this process runs. Absent in records of older releases. */
  parts?: readonly ComponentState[];
}

/** The error when another process, a service, runs the home. `owner.addresses` has the addresses of its components. */
export class HomeInUse extends Error {
  override name = 'HomeInUse';
  constructor(
    home: string,
    readonly owner: HomeOwner & { addresses: Addresses },
  ) {
    super(
      `${home} is already run by process ${owner.pid}. Use the running installation, or stop it with "LADEPULS_HOME=${home} ladepuls stop".`,
    );
  }
}

export interface HomeLock {
  /**
   * Publish the addresses of the components, null while they start, and their states, for other processes.
   *
   * @throws Error when the record can't be written, such as when the disk is full
   */
  publish(addresses: Addresses | null, components: readonly ComponentState[]): void;
  /** Release the home. If the release can't be written, the end of this process has the same effect. */
  release(): void;
}

interface LockRecord extends HomeOwner {
  released: boolean;
}

const LOOK_EVERY_MS = 100;
const PROGRESS_AFTER_MS = 2_000;
/**
 * Number of outdated locks that stay. If all were removed, a slow process could create a lock with the number of a
 * removed one.
 */
const OUTDATED_LOCKS_KEPT = 8;

/**
 * Make this process the owner of a home. Waits while a command owns the home, and while a service that owns it is
 * starting.
 *
 * @throws HomeInUse when a service runs on the home
 */
export async function lockHome(
  home: string,
  mode: OwnerMode,
  onProgress: (line: string) => void,
  signal: AbortSignal,
): Promise<HomeLock> {
  const since = Date.now();
  let told = false;
  for (;;) {
    signal.throwIfAborted();
    const lock = tryLock(home, mode);
    if (lock) return lock;
    const owner = readOwner(home);
    if (owner?.mode === 'service' && owner.addresses) {
      throw new HomeInUse(home, { ...owner, addresses: owner.addresses });
    }
    if (owner && !told && Date.now() - since > PROGRESS_AFTER_MS) {
      told = true;
      const doing = owner.mode === 'command' ? 'to finish its command' : 'to be up';
      onProgress(`Waiting for process ${owner.pid}, which uses ${home}, ${doing} …`);
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

/** Read the running owner of a home; null if no process owns it. */
export function readOwner(home: string): HomeOwner | null {
  const generation = latestGeneration(home);
  const record = generation === 0 ? null : readRecord(home, generation);
  if (record === null || record.released || !isRunning(record)) return null;
  const { pid, startTime, mode, since, addresses, parts: components = [] } = record;
  return { pid, startTime, mode, since, addresses, parts: components };
}

/**
 * Try to lock the home. Locks are numbered, and a new one is created by a link that fails if the number exists. Several
 * processes may find that the owner of the latest lock is dead; only one of them gets the next number. No process ever
 * removes a lock that may have become another's.
 *
 * @returns null if another process owns the home
 */
function tryLock(home: string, mode: OwnerMode): HomeLock | null {
  mkdirSync(lockFolder(home), { recursive: true, mode: 0o750 });
  const latest = latestGeneration(home);
  const holder = latest === 0 ? null : readRecord(home, latest);
  if (holder && !holder.released && isRunning(holder)) return null;
  const generation = latest + 1;
  const since = new Date().toISOString();
  const record: LockRecord = { ...ownIdentity(), mode, since, addresses: null, released: false };
  if (!createRecord(home, generation, record)) return null;
  removeOutdated(home, generation);
  return {
    publish: (addresses, components) =>
      replaceRecord(home, generation, Object.assign(record, { addresses, parts: components })),
    release: () => {
      try {
        replaceRecord(home, generation, Object.assign(record, { addresses: null, released: true }));
      } catch {
        // Readers of the record see that its process has ended.
      }
    },
  };
}

function createRecord(home: string, generation: number, record: LockRecord): boolean {
  const temporary = writeTemporary(home, record);
  try {
    linkSync(temporary, recordPath(home, generation));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

function replaceRecord(home: string, generation: number, record: LockRecord): void {
  try {
    renameSync(writeTemporary(home, record), recordPath(home, generation));
  } catch (error) {
    // If the whole home was removed, no lock is needed any more.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

let temporaries = 0;

function writeTemporary(home: string, record: LockRecord): string {
  const path = join(lockFolder(home), `.${process.pid}-${++temporaries}`);
  writeFileSync(path, JSON.stringify(record), { mode: 0o600 });
  return path;
}

/**
 * Read a lock's record.
 *
 * @returns null if the record was removed, or spoiled by a power cut; in both cases its owner is dead
 */
function readRecord(home: string, generation: number): LockRecord | null {
  try {
    return JSON.parse(readFileSync(recordPath(home, generation), 'utf8')) as LockRecord;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function latestGeneration(home: string): number {
  return Math.max(0, ...generations(home));
}

function removeOutdated(home: string, current: number): void {
  for (const generation of generations(home)) {
    if (generation < current - OUTDATED_LOCKS_KEPT) rmSync(recordPath(home, generation), { force: true });
  }
}

function generations(home: string): number[] {
  try {
    return readdirSync(lockFolder(home))
      .filter((name) => /^\d+\.json$/.test(name))
      .map((name) => Number.parseInt(name, 10));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function lockFolder(home: string): string {
  return join(home, 'run', 'owner');
}

function recordPath(home: string, generation: number): string {
  return join(lockFolder(home), `${generation}.json`);
}
