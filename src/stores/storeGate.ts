import { ObjectNotFound } from './store.js';
import { withinTime } from './withinTime.js';

/** How long nobody asks a store that has just failed. */
const PAUSE_MS = 10_000;

/**
 * Keeps a store that fails from holding up those who use it. Each use has a limit of time. After a failure all further
 * ones fail at once, for a while; then one use tries the store, and the others wait for its result no more than before.
 */
export class StoreGate {
  private shut: { untilMs: number; reason: Error } | null = null;

  /** @param now milliseconds, of a clock that only goes on */
  constructor(
    private readonly url: string,
    private readonly pauseMs = PAUSE_MS,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * Uses the store. That an object is not there is no failure of the store.
   *
   * @throws what the use throws; OutOfTime; and the last failure, at once, while the gate is shut
   */
  async pass<T>(limitMs: number, use: () => Promise<T>): Promise<T> {
    const { shut } = this;
    if (shut !== null) {
      if (this.now() < shut.untilMs) throw shut.reason;
      shut.untilMs = this.now() + limitMs + this.pauseMs;
    }
    try {
      const result = await withinTime(limitMs, this.url, use);
      this.open();
      return result;
    } catch (error) {
      if (error instanceof ObjectNotFound || error instanceof RangeError) {
        this.open();
        throw error;
      }
      const reason = error instanceof Error ? error : new Error(String(error));
      this.shut = { untilMs: this.now() + this.pauseMs, reason };
      throw error;
    }
  }

  /** Says that the store works: the next use tries it. */
  open(): void {
    this.shut = null;
  }
}
