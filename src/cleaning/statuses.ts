import type { Slot } from '../domain/slot.js';
import { type AnswerLimits, DEFAULT_LIMITS } from '../sources/answerLimits.js';
import { readAnswer } from '../sources/readAnswer.js';
import { sourceByName, UnknownSource } from '../sources/registry.js';
import { BadAnswer } from '../sources/source.js';
import type { RawMeta } from '../stores/raw.js';
import { FeedDay } from './feedDay.js';

/**
 * The status of every charging point in one answer, by `id_cp`: what a load would make facts of, as far as one answer
 * tells. Empty where the answer can't be read, or is more than the limits allow.
 */
export function readStatuses(
  at: { feed: string; slot: Slot; key: string },
  { meta, body }: { meta: Pick<RawMeta, 'source' | 'received_at'>; body: Buffer },
  limits: AnswerLimits = DEFAULT_LIMITS,
): Map<string, string> {
  const day = new FeedDay(at.feed);
  try {
    const source = sourceByName(meta.source);
    const answer = readAnswer(source, body, limits);
    day.addPoll({ ...at, receivedMs: Date.parse(meta.received_at) }, source, answer);
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
