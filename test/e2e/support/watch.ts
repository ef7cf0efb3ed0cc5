import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** What a reader saw at a moment, and how long it waited for that. */
export interface Sight {
  seen: string;
  waitedMs: number;
}

const LOOK_EVERY_MS = 20;

/** A reader that asks the same again and again, until it is told to stop. */
export class Watch {
  readonly sights: Sight[] = [];
  private readonly ending = new AbortController();
  private readonly looking: Promise<void>;

  private constructor(
    private readonly client: pg.Client,
    private readonly query: pg.QueryConfig,
  ) {
    this.looking = this.look();
    this.looking.catch(() => undefined); // stop() tells
  }

  static async start(url: string, query: pg.QueryConfig): Promise<Watch> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return new Watch(client, query);
  }

  /** Stops after one more look. */
  async stop(): Promise<void> {
    this.ending.abort();
    await this.looking;
    await this.client.end();
  }

  private async look(): Promise<void> {
    for (let isLast = false; !isLast;) {
      isLast = this.ending.signal.aborted;
      const sinceMs = performance.now();
      const { rows } = await this.client.query<object>(this.query);
      this.sights.push({ seen: JSON.stringify(rows), waitedMs: performance.now() - sinceMs });
      await sleep(isLast ? 0 : LOOK_EVERY_MS);
    }
  }
}
