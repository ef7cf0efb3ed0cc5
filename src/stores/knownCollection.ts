import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type CollectionEntry, collectionAt, entrySchema } from './collectionLog.js';
import { PRIVATE } from './publish.js';
import { spoolFolder } from './spool.js';
import type { Store } from './store.js';
import type { StoreGate } from './storeGate.js';

/** Time limit for reading the collection log: more than a healthy raw store needs for its three requests. */
const LIMIT_MS = 6_000;

/** Return the file of a home that stores the latest known entry of the collection log. */
export function collectionFile(home: string): string {
  return join(spoolFolder(home), 'collection.json');
}

/**
 * The collection log as polls use it. While the raw store fails, polls use the entry that was read last. The entry is
 * also written to a file, for a poller that starts during an outage. Collection logs are never removed; therefore a raw
 * store without one is treated like a raw store that fails.
 */
export class KnownCollection {
  private latest: CollectionEntry | null = null;
  private isWritten = false;
  private isFallback = false;

  /** @param file stores the latest entry; null: the entry is kept in memory only */
  constructor(
    private readonly raw: Store,
    private readonly gate: StoreGate,
    private readonly file: string | null,
    /** Called with the reason when the class begins to use the entry that was read last. */
    private readonly onFallback: (error: unknown) => void = () => undefined,
  ) {}

  /**
   * Return the entry that was valid at an instant; null before the first entry.
   *
   * @throws the error of the raw store when it fails and no entry is known that was valid at that instant
   */
  async at(instantMs: number): Promise<CollectionEntry | null> {
    try {
      const entry = await this.gate.pass(LIMIT_MS, () => collectionAt(this.raw, instantMs));
      if (entry !== null) {
        this.isFallback = false;
        await this.remember(entry);
        return entry;
      }
    } catch (error) {
      const known = await this.knownAt(instantMs, error);
      if (known === null) throw error;
      return known;
    }
    return this.knownAt(
      instantMs,
      new Error(
        `${this.raw.url} has no collection log any more. Check that RAW_STORE names the right store and that its disk is mounted.`,
      ),
    );
  }

  /** Return the latest known entry if it was valid at that instant, else null. */
  private async knownAt(instantMs: number, why: unknown): Promise<CollectionEntry | null> {
    this.latest ??= await this.read();
    if (this.latest === null || Date.parse(this.latest.at) > instantMs) return null;
    if (!this.isFallback) this.onFallback(why);
    this.isFallback = true;
    return this.latest;
  }

  private async remember(entry: CollectionEntry): Promise<void> {
    this.latest ??= await this.read();
    if (this.latest !== null && Date.parse(entry.at) < Date.parse(this.latest.at)) return;
    if (this.isWritten && this.latest !== null && entry.at === this.latest.at) return;
    this.latest = entry;
    this.isWritten = await this.write(entry);
  }

  private async read(): Promise<CollectionEntry | null> {
    if (this.file === null) return null;
    try {
      return entrySchema.parse(JSON.parse(await readFile(this.file, 'utf8')));
    } catch {
      return null;
    }
  }

  /**
   * Write the entry to the file. Returns false when that fails: the file matters only during an outage, and a full disk
   * must not stop polls.
   */
  private async write(entry: CollectionEntry): Promise<boolean> {
    if (this.file === null) return true;
    const unfinished = `${this.file}.${process.pid}`;
    try {
      await mkdir(dirname(this.file), { recursive: true, mode: PRIVATE.folder });
      await writeFile(unfinished, JSON.stringify(entry), { flush: true, mode: PRIVATE.file });
      await rename(unfinished, this.file);
      return true;
    } catch {
      await rm(unfinished, { force: true }).catch(() => undefined);
      return false;
    }
  }
}
