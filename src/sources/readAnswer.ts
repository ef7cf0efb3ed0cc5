import { isUtf8 } from 'node:buffer';
import { type AnswerLimits, checkComplexity, checkRecords } from './answerLimits.js';
import { BadAnswer, type Envelope, type Source } from './source.js';

/** A feed's answer, parsed and accepted as its source's format. */
export interface ReadAnswer extends Envelope {
  /** False when the body is not valid UTF-8. Invalid bytes were then read as U+FFFD. */
  utf8: boolean;
}

/**
 * Parse an answer's body and check its envelope. Polling, importing and cleaning all decide with this function whether
 * an answer is accepted.
 *
 * @throws BadAnswer with the reason `empty`, `not_json`, `too_complex`, `too_many_records`, or a reason of the source
 */
export function readAnswer(source: Source, body: Buffer, limits: AnswerLimits): ReadAnswer {
  if (body.length === 0) throw new BadAnswer('empty', 'the answer has no body');
  checkComplexity(body, limits);
  const text = body.toString('utf8');
  let json: unknown;
  try {
    json = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch {
    const beginning = JSON.stringify(text.slice(0, 60));
    throw new BadAnswer('not_json', `the answer is not JSON: it begins with ${beginning}`);
  }
  const envelope = source.readEnvelope(json);
  checkRecords(source, envelope.stations, limits);
  return { ...envelope, utf8: isUtf8(body) };
}
