import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';

/** What the simulated feed answered to one request. */
export interface LogEntry {
  feed: string;
  /** When the request came, milliseconds since the epoch. */
  atMs: number;
  /** null: nothing was answered. */
  status: number | null;
  /** Length of the body that was meant, before compression. */
  bytes: number;
  /** Of that body, hexadecimal; null where there was none, or one too long to be held. */
  sha256: string | null;
  /** The kind of the fault that the request met with. */
  fault?: string;
  userAgent: string;
  /** All that was to be sent was handed to the system. */
  finished: boolean;
}

/** A simulation that runs for weeks forgets the oldest ones; the file has them all. */
const HELD_ENTRIES = 100_000;

/** The log in memory, and as JSON lines in a file where one is named. */
export class RequestLog {
  readonly entries: LogEntry[] = [];
  private readonly file: WriteStream | null;
  private readonly unsealed = new Set<LogEntry>();

  constructor(fileName: string | undefined) {
    this.file = fileName === undefined ? null : createWriteStream(fileName, { flags: 'a' });
  }

  /** Begins the entry of a request; its fields are filled in as it is answered. */
  open(feed: string, atMs: number, userAgent: string): LogEntry {
    const entry: LogEntry = { feed, atMs, status: null, bytes: 0, sha256: null, userAgent, finished: false };
    this.entries.push(entry);
    this.unsealed.add(entry);
    if (this.entries.length > HELD_ENTRIES) this.entries.shift();
    return entry;
  }

  /** The request is over: nothing of its entry changes any more. */
  seal(entry: LogEntry): void {
    if (this.unsealed.delete(entry)) this.file?.write(`${JSON.stringify(entry)}\n`);
  }

  /** Seals what is still open, and ends the file. */
  async close(): Promise<void> {
    for (const entry of this.unsealed) this.seal(entry);
    if (!this.file) return;
    this.file.end();
    await once(this.file, 'close');
  }
}

/** Notes the body that is to be answered. */
export function describeBody(entry: LogEntry, status: number, body: Buffer): void {
  entry.status = status;
  entry.bytes = body.length;
  entry.sha256 = createHash('sha256').update(body).digest('hex');
}
