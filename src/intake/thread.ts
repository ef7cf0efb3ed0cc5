import { workerData } from 'piscina';
import { readStatuses } from '../cleaning/statuses.js';
import type { AnswerLimits } from '../sources/answerLimits.js';
import { readAnswer } from '../sources/readAnswer.js';
import { sourceByName } from '../sources/registry.js';
import { BadAnswer } from '../sources/source.js';
import type { JudgeTask, Read, StatusesTask } from './intake.js';

const { limits } = workerData as { limits: AnswerLimits };

/** Judge one answer, on a thread of the pool. */
export function judge({ source, body, contentType }: JudgeTask): Read<true> {
  return reading(() => {
    readAnswer(sourceByName(source), bufferOf(body), limits, contentType);
    return true;
  });
}

/** Read the statuses of one answer, on a thread of the pool. */
export function statuses(task: StatusesTask): Read<Map<string, string>> {
  const { source, body, contentType, at, receivedAt } = task;
  const meta = { source, received_at: receivedAt, content_type: contentType };
  const answer = { meta, body: bufferOf(body) };
  return reading(() => readStatuses(at, answer, limits));
}

function reading<Found>(read: () => Found): Read<Found> {
  try {
    return { found: read(), rejection: null };
  } catch (error) {
    if (!(error instanceof BadAnswer)) throw error;
    const { reason, message } = error; // as plain values, because an error loses its class when a thread sends it
    return { found: null, rejection: { reason, message } };
  }
}

/** Convert to a Buffer, because a Buffer from another thread arrives as a plain Uint8Array. */
function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
