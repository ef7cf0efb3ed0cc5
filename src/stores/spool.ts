import { randomUUID } from 'node:crypto';
import { mkdir, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FileStore } from './file.js';
import { PRIVATE } from './publish.js';
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
  private readonly broken: FileStore;
  /** Bytes on disk by the latest measurement, and what has changed since; null before the first one. */
  private measured: number | null = null;
  private measuring: Promise<void> | undefined;
  /** Bytes of all that was ever written: a measurement may have missed what was written meanwhile. */
  private written = 0;
  /** Bytes that are being written: of several at once, none may take the room of another. */
  private reserved = 0;

  /** @param maxBytes of all that waits or was set aside */
  constructor(
    readonly folder: string,
    private readonly maxBytes: number,
  ) {
    this.store = new FileStore(waitingFolder(folder));
    this.broken = new FileStore(brokenFolder(folder));
  }

  /**
   * Keeps an object until the raw store takes it. Doing it again changes nothing.
   *
   * @throws Error where there is no room left, by the setting or on the disk
   */
  async put(key: string, body: Uint8Array): Promise<void> {
    const limit = parseRawKey(key) ? this.maxBytes * ANSWERS_SHARE : this.maxBytes;
    if (this.measured === null) await (this.measuring ??= this.measure());
    if ((this.measured ?? 0) + this.reserved + body.length > limit)
      throw new SpoolFull(
        `the spool ${this.folder} is full: LADEPULS_SPOOL lets it take ${this.maxBytes} bytes`,
      );
    this.reserved += body.length;
    try {
      if (await this.store.putNew(key, body)) this.count(body.length);
    } finally {
      this.reserved -= body.length;
    }
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
    const waiting = await this.listAll();
    return waiting.sort((a, b) => a.modifiedMs - b.modifiedMs || (a.key < b.key ? -1 : 1));
  }

  /** Removes an object that the raw store has. */
  async remove({ key, size }: StoredObject): Promise<void> {
    await this.store.remove(key);
    this.measured = Math.max(0, (this.measured ?? 0) - size);
  }

  /** Takes a file out of the way that is no object. Returns where it is now. */
  async setAside(key: string): Promise<string> {
    const brokenPath = join(brokenFolder(this.folder), key);
    await mkdir(dirname(brokenPath), { recursive: true, mode: PRIVATE.folder });
    const isTaken = await stat(brokenPath).then(
      () => true,
      () => false,
    );
    const target = isTaken ? `${brokenPath}.${randomUUID()}` : brokenPath;
    await rename(join(waitingFolder(this.folder), key), target);
    return target;
  }

  /** One that fails is done again by the next who needs it. */
  private async measure(): Promise<void> {
    try {
      await this.listAll();
    } finally {
      this.measuring = undefined;
    }
  }

  private async listAll(): Promise<StoredObject[]> {
    const writtenBefore = this.written;
    const waiting = await listed(this.store);
    const bytes = sizeOf(waiting) + sizeOf(await listed(this.broken));
    this.measured = bytes + this.written - writtenBefore;
    return waiting;
  }

  private count(bytes: number): void {
    this.written += bytes;
    this.measured = (this.measured ?? 0) + bytes;
  }
}

async function listed(store: FileStore): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  for await (const object of store.list('')) objects.push(object);
  return objects;
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
