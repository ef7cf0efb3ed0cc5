/** What became of one feed's poll in one slot. */
export interface Outcome {
  feed: string;
  /** stored: there is a good answer. failed: a wrong answer was kept. missed: there was none. */
  outcome: 'stored' | 'failed' | 'missed';
  /** Why it is not stored, such as `refused`, `http_500`, `late`, `paused`; null when it is. */
  reason: string | null;
  /** The raw store's key of the answer, good or wrong. */
  key: string | null;
  /** Requests made. */
  attempts: number;
}
