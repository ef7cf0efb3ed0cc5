import type { Slot } from '../domain/slot.js';
import { AnswerReader } from '../sources/answerReader.js';
import { sourceByName, UnknownSource } from '../sources/registry.js';
import { BadAnswer } from '../sources/source.js';
import type { RawAnswer } from '../stores/rawObject.js';
import { FeedDay } from './feedDay.js';

/**
 * The status of every charging point in one answer, by `id_cp`: what a load would make facts of, as far as one answer
 * tells. Empty where the answer can't be read.
 */
export function readStatuses(
  at: { feed: string; slot: Slot; key: string },
  { meta, body }: RawAnswer,
): Map<string, string> {
  const day = new FeedDay(at.feed);
  try {
    const source = sourceByName(meta.source);
    const answer = new AnswerReader().read(source, body);
    day.addPoll({ ...at, receivedMs: Date.parse(meta.received_at) }, source, answer);
  } catch (error) {
    if (error instanceof BadAnswer || error instanceof UnknownSource) return new Map();
    throw error;
  }
  const statuses = new Map<string, string>();
  for (const { id, statusRuns } of day.points) {
    const [observed] = statusRuns;
    if (observed) statuses.set(String(id), observed.status);
  }
  return statuses;
}
