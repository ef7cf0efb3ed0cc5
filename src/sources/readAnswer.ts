import { isUtf8 } from 'node:buffer';
import { type AnswerLimits, checkComplexity, checkRecords } from './answerLimits.js';
import { BadAnswer, type Envelope, type Source } from './source.js';

/** A feed's answer, parsed and recognised as its source's format. */
export interface ReadAnswer extends Envelope {
  /** False where the body is no valid UTF-8: then its bad bytes were read as U+FFFD. */
  utf8: boolean;
}

/**
 * Parses an answer's body and checks its envelope. Throws {@link BadAnswer} with a reason:
 * `empty`, `not_json`, `too_complex`, `too_many_records`, or what the source says. Polling, importing and cleaning all
 * judge by this.
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
