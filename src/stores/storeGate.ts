import { ObjectNotFound } from './store.js';
import { withinTime } from './withinTime.js';

/** How long a store is not used after a failure. */
const PAUSE_MS = 10_000;

/**
 * A circuit breaker for a store, so that a failing store does not delay its callers. Each use has a time limit. After a
 * failure, all further uses fail immediately for a while. Then one use tries the store, while others still fail
 * immediately until that use succeeds.
 */
export class StoreGate {
  private shut: { untilMs: number; reason: Error } | null = null;

  /** @param now monotonic clock, in milliseconds */
  constructor(
    private readonly url: string,
    private readonly pauseMs = PAUSE_MS,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * Use the store, within a time limit. A missing object does not count as a failure of the store.
   *
   * @throws the error of `use`
   * @throws OutOfTime after `limitMs`
   * @throws the last failure, immediately, while the gate is shut
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

  /** Open the gate: the next use tries the store. */
  open(): void {
    this.shut = null;
  }
}
