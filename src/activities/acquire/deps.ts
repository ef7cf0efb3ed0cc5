import type { Slot } from '../../domain/slot.js';
import type { Intake } from '../../intake/intake.js';
import type { Fields } from '../../settings/slice.js';
import type { AnswerClient } from '../../sources/answer.js';
import type { SourceSettings } from '../../sources/source.js';
import type { KnownCollection } from '../../stores/knownCollection.js';
import type { PollStore } from '../../stores/pollStore.js';

/** Dependencies of the activities of the workflow `acquireSlot`. */
export interface AcquireDeps extends Fields<'general.timeZone'> {
  /** The raw store. Answers that it can't store wait in the spool. */
  raw: PollStore;
  /** The collected feeds, known also while the raw store does not respond. */
  collection: KnownCollection;
  client: AnswerClient;
  /** Judges answers on other threads. */
  judge: Intake['judge'];
  /** Largest number of bytes of all documents of a poll together, after decompression. */
  maxBodyBytes: number;
  sources: SourceSettings;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** One poll: a feed in a slot. */
export interface PollInput {
  feed: string;
  slot: Slot;
  intervalMinutes: number;
}
