import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type CollectionEntry, collectionAt, entrySchema } from './collectionLog.js';
import { PRIVATE } from './publish.js';
import { spoolFolder } from './spool.js';
import type { Store } from './store.js';
import type { StoreGate } from './storeGate.js';

/** Longer than a raw store that works takes for the three requests. */
const LIMIT_MS = 6_000;

/** The file of a home that keeps the feeds that were known last. */
export function collectionFile(home: string): string {
  return join(spoolFolder(home), 'collection.json');
}

/**
 * The collection log as polls need it: while the raw store does not answer, the feeds are those that it had last. They are
 * kept in a file as well, for a poller that starts while the raw store is down. No log is ever removed: a raw store without
 * one is as good as one that does not answer.
 */
export class KnownCollection {
  private latest: CollectionEntry | null = null;
  private isWritten = false;
  private isFallback = false;

  /** @param file where the latest entry is kept; null: in memory alone */
  constructor(
    private readonly raw: Store,
    private readonly gate: StoreGate,
    private readonly file: string | null,
    /** Told why when the feeds begin to be those that were known last. */
    private readonly onFallback: (error: unknown) => void = () => undefined,
  ) {}

  /**
   * The entry that held at an instant; null before the first one.
   *
   * @throws why the raw store does not answer, where no entry is known that held then
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
    return this.knownAt(instantMs, new Error(`${this.raw.url} holds no collection log any more`));
  }

  /** What was known last, where it held then. */
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

  /** Whether the file has it: it is only there for bad days, and a full disk keeps no poll from its feed. */
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
