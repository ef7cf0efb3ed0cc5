import type { Slot } from '../../domain/slot.js';
import type { Intake } from '../../intake/intake.js';
import type { Fields } from '../../settings/slice.js';
import type { AnswerClient } from '../../sources/answer.js';
import type { SourceSettings } from '../../sources/source.js';
import type { KnownCollection } from '../../stores/knownCollection.js';
import type { PollStore } from '../../stores/pollStore.js';

/** What the activities of the workflow `acquireSlot` depend on. */
export interface AcquireDeps extends Fields<'general.timeZone'> {
  /** The raw store; what the raw store can't take waits in the spool. */
  raw: PollStore;
  /** The feeds that are to be polled, also while the raw store does not answer. */
  collection: KnownCollection;
  client: AnswerClient;
  /** Judges answers off the event loop. */
  judge: Intake['judge'];
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
