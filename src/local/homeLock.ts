import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ComponentState } from './componentState.js';
import { isRunning, ownIdentity, type ProcessIdentity } from './processIdentity.js';

/** Where the components of a running home are reached. */
export interface Addresses {
  /** `host:port` of Temporal's frontend. */
  temporalAddress?: string;
  temporalUiUrl?: string;
  /** Connection string of the warehouse's owner, with its password. */
  postgresUrl?: string;
  apiUrl?: string;
}

/** `service`: runs until it is stopped (start, demo). `command`: ends by itself (load, import …). */
export type OwnerMode = 'service' | 'command';

/** The process that runs the components of a home. */
export interface HomeOwner extends ProcessIdentity {
  mode: OwnerMode;
  /** When it became the owner, an ISO instant. */
  since: string;
  /** null while it is still starting. */
  addresses: Addresses | null;
  /** How each component is that this process runs; absent in the record of an older release. */
  parts?: readonly ComponentState[];
}

/** The home is run by another process, a service; `owner.addresses` say where its components are reached. */
export class HomeInUse extends Error {
  override name = 'HomeInUse';
  constructor(
    home: string,
    readonly owner: HomeOwner & { addresses: Addresses },
  ) {
    super(
      `${home} is already run by process ${owner.pid}. Use that one, or stop it first with "LADEPULS_HOME=${home} ladepuls stop".`,
    );
  }
}

export interface HomeLock {
  /**
   * Tells other processes where the components are reached, null while they are started, and how they are. Throws where the
   * disk is full.
   */
  publish(addresses: Addresses | null, components: readonly ComponentState[]): void;
  /** Gives the home up. Where that can't be written down, the end of this process does the same. */
  release(): void;
}

interface LockRecord extends HomeOwner {
  released: boolean;
}

const LOOK_EVERY_MS = 100;
const PROGRESS_AFTER_MS = 2_000;
/** So many outdated locks are left lying, so that nobody who is slow to look takes the place of one that was removed. */
const OUTDATED_LOCKS_KEPT = 8;

/**
 * Makes this process the owner of a home. Waits while a command owns it, and while a service that owns it is still
 * starting.
 *
 * @throws HomeInUse where a service runs there
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

/** The live owner of a home, or null where none runs. */
export function readOwner(home: string): HomeOwner | null {
  const generation = latestGeneration(home);
  const record = generation === 0 ? null : readRecord(home, generation);
  if (record === null || record.released || !isRunning(record)) return null;
  const { pid, startTime, mode, since, addresses, parts: components = [] } = record;
  return { pid, startTime, mode, since, addresses, parts: components };
}

/**
 * Locks are numbered, and each new one is made by a link that fails where that number exists. So of all who find the
 * latest lock's owner dead, one gets the next number, and nobody ever removes a lock that may have become another's.
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
        // Whoever looks at the record sees that its process has ended.
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
    // The whole home was removed meanwhile: then there is nothing left to lock.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

let temporaries = 0;

function writeTemporary(home: string, record: LockRecord): string {
  const path = join(lockFolder(home), `.${process.pid}-${++temporaries}`);
  writeFileSync(path, JSON.stringify(record), { mode: 0o600 });
  return path;
}

/** null where it was removed meanwhile, or spoiled by a power cut: then its owner is dead for certain. */
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
