import type { PollCounts } from '../domain/completeness.js';
import type { Slot } from '../domain/slot.js';
import { type AnswerLimits, DEFAULT_LIMITS } from '../sources/answerLimits.js';
import { readDocuments } from '../sources/readAnswer.js';
import { sourceByName, UnknownSource } from '../sources/registry.js';
import { BadAnswer } from '../sources/source.js';
import { documentsOf, type RawMeta } from '../stores/raw.js';
import { FeedDay } from './feedDay.js';

/** What one answer shows for the current status. */
export interface ShownStatuses {
  /** The status of every charging point, by `id_cp`. */
  statuses: Map<string, string>;
  counts: PollCounts;
}

/** The members of an answer's metadata that its statuses are read with. */
export type StatusesMeta = Pick<RawMeta, 'source' | 'received_at' | 'content_type' | 'documents'>;

/**
 * Read the status of every charging point in one answer. These are the statuses of which a load would make facts, as
 * far as one answer tells. Returns null when the answer can't be read or exceeds the limits.
 */
export function readStatuses(
  at: { feed: string; slot: Slot; key: string },
  { meta, body }: { meta: StatusesMeta; body: Buffer },
  limits: AnswerLimits = DEFAULT_LIMITS,
): ShownStatuses | null {
  const day = new FeedDay(at.feed);
  try {
    const source = sourceByName(meta.source);
    const documents = readDocuments(source, documentsOf({ meta, body }), limits);
    day.addPoll({ ...at, receivedMs: Date.parse(meta.received_at) }, source, documents);
  } catch (error) {
    if (error instanceof BadAnswer || error instanceof UnknownSource) return null;
    throw error;
  }
  const statuses = new Map<string, string>();
  for (const { id, statusSpans } of day.points) {
    const [observed] = statusSpans;
    if (observed) statuses.set(String(id), observed.status);
  }
  const [poll] = day.polls;
  return {
    statuses,
    counts: { chargingPoints: poll?.points ?? 0, unidentified: poll?.unidentified ?? 0 },
  };
}
