import { workerData } from 'piscina';
import { readStatuses, type ShownStatuses } from '../cleaning/statuses.js';
import type { AnswerLimits } from '../sources/answerLimits.js';
import { readAnswer } from '../sources/readAnswer.js';
import { sourceByName } from '../sources/registry.js';
import { BadAnswer } from '../sources/source.js';
import type { JudgedPage, JudgeTask, Read, StatusesTask } from './intake.js';

const { limits } = workerData as { limits: AnswerLimits };

/** Judge one document of an answer, on a thread of the pool. */
export function judge({
  source,
  body,
  contentType,
  maxBodyBytes = limits.maxBodyBytes,
}: JudgeTask): Read<JudgedPage> {
  return reading(() => {
    const own = { ...limits, maxBodyBytes };
    const { links, stations } = readAnswer(sourceByName(source), bufferOf(body), own, contentType);
    return { links, records: stations.length };
  });
}

/** Read the statuses of one answer, on a thread of the pool. */
export function statuses({ at, meta, body }: StatusesTask): Read<ShownStatuses | null> {
  return reading(() => readStatuses(at, { meta, body: bufferOf(body) }, limits));
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
