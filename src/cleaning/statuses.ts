import type { Slot } from '../domain/slot.js';
import { type AnswerLimits, DEFAULT_LIMITS } from '../sources/answerLimits.js';
import { readDocuments } from '../sources/readAnswer.js';
import { sourceByName, UnknownSource } from '../sources/registry.js';
import { BadAnswer } from '../sources/source.js';
import { documentsOf, type RawMeta } from '../stores/raw.js';
import { FeedDay } from './feedDay.js';

/** The members of an answer's metadata that its statuses are read with. */
export type StatusesMeta = Pick<RawMeta, 'source' | 'received_at' | 'content_type' | 'documents'>;

/**
 * Read the status of every charging point in one answer, by `id_cp`. These are the statuses of which a load would make
 * facts, as far as one answer tells. Returns an empty map when the answer can't be read or exceeds the limits.
 */
export function readStatuses(
  at: { feed: string; slot: Slot; key: string },
  { meta, body }: { meta: StatusesMeta; body: Buffer },
  limits: AnswerLimits = DEFAULT_LIMITS,
): Map<string, string> {
  const day = new FeedDay(at.feed);
  try {
    const source = sourceByName(meta.source);
    const documents = readDocuments(source, documentsOf({ meta, body }), limits);
    day.addPoll({ ...at, receivedMs: Date.parse(meta.received_at) }, source, documents);
  } catch (error) {
    if (error instanceof BadAnswer || error instanceof UnknownSource) return new Map();
    throw error;
  }
  const statuses = new Map<string, string>();
  for (const { id, statusSpans } of day.points) {
    const [observed] = statusSpans;
    if (observed) statuses.set(String(id), observed.status);
  }
  return statuses;
}
