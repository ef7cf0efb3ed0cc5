import { randomUUID } from 'node:crypto';
import { mkdir, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FileStore } from './file.js';
import { PRIVATE } from './publish.js';
import { parseRawKey } from './rawObject.js';
import type { StoredObject } from './store.js';

/**
 * Share of the spool that answers may fill. The rest is reserved for the records of polls that could not be stored.
 */
const ANSWERS_SHARE = 0.95;

/** The spool has no room left for an object. */
class SpoolFull extends Error {
  override name = 'SpoolFull';
}

/** Return the folder of the spool in a home. */
export function spoolFolder(home: string): string {
  return join(home, 'spool');
}

const waitingFolder = (folder: string) => join(folder, 'waiting');
const brokenFolder = (folder: string) => join(folder, 'broken');

/**
 * The spool: a local folder where a poller stores objects while the raw store does not accept them.
 *
 * - `waiting/<key>`: an object, byte for byte as it will be in the raw store, under its key there
 * - `broken/<key>`: a file that is not an object of the raw store; it is never removed automatically
 *
 * `waiting` has the layout of a raw store. It may be copied into another raw store by any means.
 */
export class Spool {
  private readonly store: FileStore;
  private readonly broken: FileStore;
  /** Bytes of the spool on disk: the latest measurement plus later changes. Null before the first measurement. */
  private measured: number | null = null;
  private measuring: Promise<void> | undefined;
  /** Bytes that this process has written in total. A measurement may miss concurrent writes, which are then added. */
  private written = 0;
  /** Bytes of writes in progress. They count as used, so that concurrent writes do not use the same free space. */
  private reserved = 0;

  /** @param maxBytes limit for `waiting` and `broken` together */
  constructor(
    readonly folder: string,
    private readonly maxBytes: number,
  ) {
    this.store = new FileStore(waitingFolder(folder));
    this.broken = new FileStore(brokenFolder(folder));
  }

  /**
   * Store an object until the raw store accepts it. Idempotent.
   *
   * @throws Error when the spool would exceed LADEPULS_SPOOL, or the disk has no space left
   */
  async put(key: string, body: Uint8Array): Promise<void> {
    const limit = parseRawKey(key) ? this.maxBytes * ANSWERS_SHARE : this.maxBytes;
    if (this.measured === null) await (this.measuring ??= this.measure());
    if ((this.measured ?? 0) + this.reserved + body.length > limit)
      throw new SpoolFull(
        `the spool ${this.folder} is full: LADEPULS_SPOOL limits it to ${this.maxBytes} bytes. ` +
          `Make the raw store writable, or raise the limit.`,
      );
    this.reserved += body.length;
    try {
      if (await this.store.putNew(key, body)) this.count(body.length);
    } finally {
      this.reserved -= body.length;
    }
  }

  /** List waiting objects below a prefix, ordered by key. */
  list(prefix: string): AsyncIterable<StoredObject> {
    return this.store.list(prefix);
  }

  /**
   * Read a waiting object.
   *
   * @throws ObjectNotFound when no object with this key waits
   */
  get(key: string): Promise<Buffer> {
    return this.store.get(key);
  }

  /** Return whether an object with this key waits. */
  async has(key: string): Promise<boolean> {
    for await (const found of this.store.list(key)) if (found.key === key) return true;
    return false;
  }

  /**
   * List all waiting objects, oldest first. Also measures the spool again, because other processes may use it too.
   */
  async oldestFirst(): Promise<StoredObject[]> {
    const waiting = await this.listAll();
    return waiting.sort((a, b) => a.modifiedMs - b.modifiedMs || (a.key < b.key ? -1 : 1));
  }

  /** Remove a waiting object. Call only after the raw store has stored the object. */
  async remove({ key, size }: StoredObject): Promise<void> {
    await this.store.remove(key);
    this.measured = Math.max(0, (this.measured ?? 0) - size);
  }

  /** Move a file that is not a valid object to `broken`. Returns its new path. */
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

  /** Measure the bytes on disk. After a failure, the next caller measures again. */
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

/** Summary of a spool. */
export interface SpoolState {
  objects: number;
  bytes: number;
  /** ISO instant at which the oldest waiting object was written; null when no object waits. */
  oldest: string | null;
  /** Files in `broken`. */
  broken: number;
}

/** Summarise the spool of a home. A missing spool counts as empty. */
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
