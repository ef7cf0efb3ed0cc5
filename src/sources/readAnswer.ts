import { type AnswerLimits, checkComplexity, checkRecords } from './answerLimits.js';
import { readBodyText } from './bodyText.js';
import type { CharsetIssue, Utf8Body } from './charset.js';
import type { Document } from './document.js';
import { BadAnswer, type Envelope, type Source } from './source.js';

/** A feed's answer, parsed and accepted as its source's format. */
export interface ReadAnswer extends Envelope {
  charsetIssue: CharsetIssue | null;
}

/**
 * Parse an answer's body and check its envelope. Polling, importing and cleaning all decide with this function whether
 * an answer is accepted.
 *
 * @param contentType the answer's header `Content-Type`; undefined when it is not known
 * @throws BadAnswer with the reason `empty`, `not_json`, `too_complex`, `too_many_records`, `cut_short`, `too_large`,
 *   `bad_encoding`, or a reason of the source
 */
export function readAnswer(
  source: Source,
  body: Buffer,
  limits: AnswerLimits,
  contentType?: string,
): ReadAnswer {
  return readText(source, readBodyText(body, contentType, limits), limits);
}

/** Parse the text of an answer like {@link readAnswer}. */
export function readText(source: Source, { utf8, charsetIssue }: Utf8Body, limits: AnswerLimits): ReadAnswer {
  checkComplexity(utf8, limits);
  const text = utf8.toString('utf8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    const beginning = JSON.stringify(text.slice(0, 60));
    throw new BadAnswer('not_json', `the answer is not JSON: it begins with ${beginning}`);
  }
  const envelope = source.readEnvelope(json);
  checkRecords(source, envelope.stations, limits);
  return { ...envelope, charsetIssue };
}

/**
 * Parse the documents of an answer like {@link readAnswer}. The limits hold for each document.
 *
 * @throws BadAnswer when one of them can't be read
 */
export function readDocuments(
  source: Source,
  documents: readonly Document[],
  limits: AnswerLimits,
): ReadAnswer[] {
  return documents.map(({ body, contentType }) => readAnswer(source, body, limits, contentType));
}
