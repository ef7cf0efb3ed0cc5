import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { growingPauseMs } from '../domain/growingPause.js';
import { checkAnswer, parseRawKey } from './rawObject.js';
import { isSlotRun, parseSlotRunKey } from './slotRuns.js';
import type { Spool } from './spool.js';
import { ObjectNotFound, type Store, type StoredObject } from './store.js';
import { withinTime } from './withinTime.js';

/** One object's way up may take so long: what takes longer hangs. */
const OBJECT_LIMIT_MS = 120_000;
/** Where nothing waits, the spool is looked at so often. */
const IDLE_MS = 2_000;
/** The first pause after a failure; each further one is twice as long, up to a minute. */
const FIRST_PAUSE_MS = 1_000;
/** Objects that may fail before a pause: one that the raw store never takes must not keep the others. */
const FAILURES_AT_ONCE = 3;

const decompress = promisify(gunzip);

/** What is told of a spool that is emptied. */
export interface DrainLog {
  warn(message: string): void;
  info(message: string): void;
}

export interface DrainOptions {
  spool: Spool;
  raw: Store;
  log: DrainLog;
  /** Called when the raw store has taken something. */
  onTaken?: () => void;
}

/**
 * Brings what waits in a spool into the raw store, what came first in front, one at a time, until the signal aborts. An
 * object leaves the spool when the raw store has it, and never else. It may be brought there by several at once, and again.
 */
export async function drainSpool(options: DrainOptions, signal: AbortSignal): Promise<void> {
  const drain = new Drain(options, signal);
  while (!signal.aborted) {
    const pauseMs = (await drain.pass()) ? IDLE_MS : drain.nextPauseMs();
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

/** What is known of one spool from pass to pass. */
class Drain {
  /** How often the raw store did not take an object, by key: it waits behind those that it refused less often. */
  private failures = new Map<string, number>();
  private failedPasses = 0;

  constructor(
    private readonly options: DrainOptions,
    private readonly signal: AbortSignal,
  ) {}

  /** Brings up all that waits. Returns whether the raw store took it. */
  async pass(): Promise<boolean> {
    const { signal } = this;
    const isEnding = () => signal.aborted;
    const { spool, log } = this.options;
    let waiting: StoredObject[];
    try {
      waiting = await spool.oldestFirst();
    } catch (error) {
      this.tell(`the spool ${spool.folder} can't be read: ${String(error)}`);
      return false;
    }
    const keys = new Set(waiting.map(({ key }) => key));
    for (const key of this.failures.keys()) if (!keys.has(key)) this.failures.delete(key);
    const failuresOf = ({ key }: StoredObject) => this.failures.get(key) ?? 0;
    waiting.sort((a, b) => failuresOf(a) - failuresOf(b)); // stable: of one number, the oldest first
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
          this.tell(
            `the raw store does not take what is polled: ${String(error)}. ` +
              `${waiting.length - taken} objects wait in the spool ${spool.folder}, and are tried again`,
          );
        if (failed === FAILURES_AT_ONCE) break;
      }
    }
    if (taken > 0) log.info(`${taken} objects of the spool ${spool.folder} are in the raw store now`);
    if (failed === 0) this.failedPasses = 0;
    return failed === 0;
  }

  /** How long to wait after a pass that failed. */
  nextPauseMs(): number {
    return growingPauseMs(++this.failedPasses, FIRST_PAUSE_MS);
  }

  private async bringUp(object: StoredObject): Promise<void> {
    const { spool, raw, log, onTaken } = this.options;
    let body: Buffer;
    try {
      body = await spool.get(object.key);
    } catch (error) {
      if (error instanceof ObjectNotFound) return; // another process brought it up
      throw error;
    }
    const problem = await problemOf(object.key, body);
    if (problem !== null) {
      const path = await spool.setAside(object.key);
      log.warn(`a file of the spool is broken and was set aside as ${path}: ${problem}`);
      return;
    }
    await raw.putNew(object.key, body);
    onTaken?.();
    await spool.remove(object);
  }

  /** An outage is told when it begins; the pauses that grow to a minute would tell it all the time. */
  private tell(message: string): void {
    if (this.failedPasses === 0) this.options.log.warn(message);
  }
}

/** What is wrong with a file as the raw store's object of that key; null: nothing. */
async function problemOf(key: string, body: Buffer): Promise<string | null> {
  if (parseSlotRunKey(key)) return isSlotRun(body) ? null : 'it holds no record of a slot run';
  if (!parseRawKey(key)) return 'its path is not the key of an answer or of a slot run';
  try {
    checkAnswer(key, await decompress(body));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
