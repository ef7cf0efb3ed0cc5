import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';

/** One request to the simulated feed, with the response. */
export interface LogEntry {
  feed: string;
  /** When the request arrived, in milliseconds since the epoch. */
  atMs: number;
  /** HTTP status. null: no response was sent. */
  status: number | null;
  /** Intended length of the body, before compression, in bytes. */
  bytes: number;
  /** SHA-256 of the intended body, in hexadecimal; null if there was none, or it was too long to hold. */
  sha256: string | null;
  /** Kind of the fault of this request. */
  fault?: string;
  userAgent: string;
  /** Whether the complete response was handed to the operating system. */
  finished: boolean;
}

/** Entries in memory. A simulation that runs for weeks drops the oldest ones; the file has all of them. */
const HELD_ENTRIES = 100_000;

/** The log in memory, and in a file of JSON lines if a file is named. */
export class RequestLog {
  readonly entries: LogEntry[] = [];
  private readonly file: WriteStream | null;
  private readonly unsealed = new Set<LogEntry>();

  constructor(fileName: string | undefined) {
    this.file = fileName === undefined ? null : createWriteStream(fileName, { flags: 'a' });
  }

  /** Begin the entry of a request. Its fields are set while the response is sent. */
  open(feed: string, atMs: number, userAgent: string): LogEntry {
    const entry: LogEntry = { feed, atMs, status: null, bytes: 0, sha256: null, userAgent, finished: false };
    this.entries.push(entry);
    this.unsealed.add(entry);
    if (this.entries.length > HELD_ENTRIES) this.entries.shift();
    return entry;
  }

  /** Write the entry to the file, because the request is over and the entry does not change any more. */
  seal(entry: LogEntry): void {
    if (this.unsealed.delete(entry)) this.file?.write(`${JSON.stringify(entry)}\n`);
  }

  /** Write all open entries and close the file. */
  async close(): Promise<void> {
    for (const entry of this.unsealed) this.seal(entry);
    if (!this.file) return;
    this.file.end();
    await once(this.file, 'close');
  }
}

/** Record the body that is about to be sent. */
export function describeBody(entry: LogEntry, status: number, body: Buffer): void {
  entry.status = status;
  entry.bytes = body.length;
  entry.sha256 = createHash('sha256').update(body).digest('hex');
}
