/** Reason of a slot whose answer is stored, but excluded by a correction. */
export const EXCLUDED = 'excluded';
/** Reason of a slot whose answer is stored, but may be excluded by a correction that can't be read. */
export const UNREADABLE_CORRECTION = 'unreadable_correction';

/** The outcome of one feed's poll in one slot. */
export interface Outcome {
  feed: string;
  /**
   * `stored`: there is an accepted answer. `failed`: there are only rejected or excluded answers. `missed`: there is no
   * answer.
   */
  outcome: 'stored' | 'failed' | 'missed';
  /** Why the slot is not stored, such as `refused`, `http_500`, `late`, `paused`; null when it is stored. */
  reason: string | null;
  /** The answer's key in the raw store, whether accepted or rejected. */
  key: string | null;
  /** Number of requests made. */
  attempts: number;
}
