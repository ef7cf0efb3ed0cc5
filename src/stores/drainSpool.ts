import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { growingPauseMs } from '../domain/growingPause.js';
import { checkAnswer, parseRawKey } from './rawObject.js';
import { isSlotRun, parseSlotRunKey } from './slotRuns.js';
import type { Spool } from './spool.js';
import { ObjectNotFound, type Store, type StoredObject } from './store.js';
import { withinTime } from './withinTime.js';

/** Time limit for moving one object to the raw store. An operation that takes longer counts as hung. */
const OBJECT_LIMIT_MS = 120_000;
/** Pause between two passes when nothing failed. */
const IDLE_MS = 2_000;
/** Pause after the first failed pass. Each further failed pass doubles the pause, up to a minute. */
const FIRST_PAUSE_MS = 1_000;
/**
 * Failures that end a pass. More than one, so that an object that the raw store always refuses does not block others.
 */
const FAILURES_AT_ONCE = 3;

const decompress = promisify(gunzip);

/** Log of a spool that is emptied. */
export interface DrainLog {
  warn(message: string): void;
  info(message: string): void;
}

export interface DrainOptions {
  spool: Spool;
  raw: Store;
  log: DrainLog;
  /** Called when the raw store has accepted an object. */
  onTaken?: () => void;
}

/**
 * Move objects from a spool to the raw store, oldest first, one at a time, until the signal aborts. An object leaves
 * the spool only when the raw store has it. Several processes may drain the same spool, because each step is
 * idempotent.
 */
export async function drainSpool(options: DrainOptions, signal: AbortSignal): Promise<void> {
  const drain = new Drain(options, signal);
  while (!signal.aborted) {
    const pauseMs = (await drain.pass()) ? IDLE_MS : drain.nextPauseMs();
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

/** State of one spool that lasts over several passes. */
class Drain {
  /** Number of failures by key. Objects with fewer failures go first. */
  private failures = new Map<string, number>();
  private failedPasses = 0;

  constructor(
    private readonly options: DrainOptions,
    private readonly signal: AbortSignal,
  ) {}

  /** Move all waiting objects. Returns false when an object could not be moved or the spool could not be read. */
  async pass(): Promise<boolean> {
    const { signal } = this;
    const isEnding = () => signal.aborted;
    const { spool, log } = this.options;
    let waiting: StoredObject[];
    try {
      waiting = await spool.oldestFirst();
    } catch (error) {
      this.warnOnce(
        `the spool ${spool.folder} can't be read: ${String(error)}. Reading is tried again automatically.`,
      );
      return false;
    }
    const keys = new Set(waiting.map(({ key }) => key));
    for (const key of this.failures.keys()) if (!keys.has(key)) this.failures.delete(key);
    const failuresOf = ({ key }: StoredObject) => this.failures.get(key) ?? 0;
    waiting.sort((a, b) => failuresOf(a) - failuresOf(b)); // stable: the oldest first among equals
    let taken = 0;
    let failed = 0;
    for (const object of waiting) {
      if (isEnding()) return true;
      try {
        await withinTime(OBJECT_LIMIT_MS, this.options.raw.url, () => this.bringUp(object), signal);
        taken++;
      } catch (error) {
        if (isEnding()) return true;
        this.failures.set(object.key, failuresOf(object) + 1);
        if (failed++ === 0)
          this.warnOnce(
            `the raw store does not accept new objects: ${String(error)}. ` +
              `${waiting.length - taken} objects wait in the spool ${spool.folder}; uploading is tried again automatically.`,
          );
        if (failed === FAILURES_AT_ONCE) break;
      }
    }
    if (taken > 0) log.info(`${taken} objects were moved from the spool ${spool.folder} to the raw store`);
    if (failed === 0) this.failedPasses = 0;
    return failed === 0;
  }

  /** Return how long to wait after a failed pass, and count that pass. */
  nextPauseMs(): number {
    return growingPauseMs(++this.failedPasses, FIRST_PAUSE_MS);
  }

  private async bringUp(object: StoredObject): Promise<void> {
    const { spool, raw, log, onTaken } = this.options;
    let body: Buffer;
    try {
      body = await spool.get(object.key);
    } catch (error) {
      if (error instanceof ObjectNotFound) return; // another process has moved it
      throw error;
    }
    const problem = await problemOf(object.key, body);
    if (problem !== null) {
      const path = await spool.setAside(object.key);
      log.warn(`a file in the spool is not valid and was moved to ${path}: ${problem}`);
      return;
    }
    await raw.putNew(object.key, body);
    onTaken?.();
    await spool.remove(object);
  }

  /** Log a warning only in the first failed pass. Otherwise an outage would be logged again at least every minute. */
  private warnOnce(message: string): void {
    if (this.failedPasses === 0) this.options.log.warn(message);
  }
}

/** Return why a file is not a valid object of the raw store under this key; null when it is valid. */
async function problemOf(key: string, body: Buffer): Promise<string | null> {
  if (parseSlotRunKey(key)) return isSlotRun(body) ? null : 'it is not a valid record of a slot run';
  if (!parseRawKey(key)) return 'its path is not the key of an answer or of a slot run';
  try {
    checkAnswer(key, await decompress(body));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
