import { randomUUID } from 'node:crypto';
import { mkdir, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FileStore } from './file.js';
import { parseRawKey } from './rawObject.js';
import type { StoredObject } from './store.js';

/** Answers may take so much of the spool: the records of what could not be stored need the rest. */
const ANSWERS_SHARE = 0.95;

/** There is no room for an object in the spool. */
class SpoolFull extends Error {
  override name = 'SpoolFull';
}

/** The folder of a home's spool. */
export function spoolFolder(home: string): string {
  return join(home, 'spool');
}

const waitingFolder = (folder: string) => join(folder, 'waiting');
const brokenFolder = (folder: string) => join(folder, 'broken');

/**
 * Where a poller keeps what the raw store can't take, until it can:
 *
 * - `waiting/<key>`: an object, byte for byte as it will be in the raw store, under its key there
 * - `broken/<key>`: a file that is no object of the raw store; nothing removes it
 *
 * So `waiting` is itself a raw store. It may be copied into another one by any means.
 */
export class Spool {
  private readonly store: FileStore;
  private used: Promise<number> | undefined;

  /** @param maxBytes of all that waits */
  constructor(
    readonly folder: string,
    private readonly maxBytes: number,
  ) {
    this.store = new FileStore(waitingFolder(folder));
  }

  /**
   * Keeps an object until the raw store takes it. Doing it again changes nothing.
   *
   * @throws Error where there is no room left, by the setting or on the disk
   */
  async put(key: string, body: Uint8Array): Promise<void> {
    const limit = parseRawKey(key) ? this.maxBytes * ANSWERS_SHARE : this.maxBytes;
    const used = await (this.used ??= this.measure());
    if (used + body.length > limit)
      throw new SpoolFull(
        `the spool ${this.folder} is full: LADEPULS_SPOOL lets it take ${this.maxBytes} bytes`,
      );
    if (await this.store.putNew(key, body)) this.used = Promise.resolve((await this.used) + body.length);
  }

  /** What waits below a prefix of keys, in their order. */
  list(prefix: string): AsyncIterable<StoredObject> {
    return this.store.list(prefix);
  }

  /** Reads what waits. Throws ObjectNotFound. */
  get(key: string): Promise<Buffer> {
    return this.store.get(key);
  }

  /** Whether an object waits. */
  async has(key: string): Promise<boolean> {
    for await (const found of this.store.list(key)) if (found.key === key) return true;
    return false;
  }

  /** All that waits, what came first in front. Measures the spool anew: others may use it too. */
  async oldestFirst(): Promise<StoredObject[]> {
    const waiting: StoredObject[] = [];
    for await (const object of this.store.list('')) waiting.push(object);
    this.used = Promise.resolve(sizeOf(waiting));
    return waiting.sort((a, b) => a.modifiedMs - b.modifiedMs || (a.key < b.key ? -1 : 1));
  }

  /** Removes an object that the raw store has. */
  async remove({ key, size }: StoredObject): Promise<void> {
    await this.store.remove(key);
    this.used = Promise.resolve(Math.max(0, (await (this.used ??= this.measure())) - size));
  }

  /** Takes a file out of the way that is no object. Returns where it is now. */
  async setAside(key: string): Promise<string> {
    const place = join(brokenFolder(this.folder), key);
    await mkdir(dirname(place), { recursive: true });
    const isTaken = await stat(place).then(
      () => true,
      () => false,
    );
    const target = isTaken ? `${place}.${randomUUID()}` : place;
    await rename(join(waitingFolder(this.folder), key), target);
    return target;
  }

  private async measure(): Promise<number> {
    let bytes = 0;
    for await (const { size } of this.store.list('')) bytes += size;
    return bytes;
  }
}

function sizeOf(objects: readonly StoredObject[]): number {
  return objects.reduce((bytes, { size }) => bytes + size, 0);
}

/** What waits in a spool. */
export interface SpoolState {
  objects: number;
  bytes: number;
  /** Since when the oldest one waits, an ISO instant; null where nothing waits. */
  oldest: string | null;
  /** Files that are no objects of a raw store, and were set aside. */
  broken: number;
}

/** Looks up what waits in the spool of a home. Nothing waits where there is no spool. */
export async function spoolState(home: string): Promise<SpoolState> {
  const folder = spoolFolder(home);
  const state: SpoolState = { objects: 0, bytes: 0, oldest: null, broken: 0 };
  let oldestMs = Infinity;
  for await (const { size, modifiedMs } of new FileStore(waitingFolder(folder)).list('')) {
    state.objects++;
    state.bytes += size;
    oldestMs = Math.min(oldestMs, modifiedMs);
  }
  if (state.objects > 0) state.oldest = new Date(oldestMs).toISOString();
  const broken = new FileStore(brokenFolder(folder)).list('')[Symbol.asyncIterator]();
  while ((await broken.next()).done !== true) state.broken++;
  return state;
}
