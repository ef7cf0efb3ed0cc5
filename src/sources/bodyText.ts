import type { AnswerLimits } from './answerLimits.js';
import { toUtf8, type Utf8Body } from './charset.js';
import { unpackGzipFile } from './gzipFile.js';
import { BadAnswer } from './source.js';

/**
 * Return the text of an answer's body as UTF-8. The body is stored as it came: it may be a gzip file, begin with a byte
 * order mark, or have another charset than UTF-8. Everything that reads an answer reads it through this function.
 *
 * @param contentType the answer's header `Content-Type`; undefined when it is not known
 * @throws BadAnswer with the reason `empty`, or a reason of {@link unpackGzipFile}
 */
export function readBodyText(body: Buffer, contentType: string | undefined, limits: AnswerLimits): Utf8Body {
  const text = toUtf8(unpackGzipFile(body, limits), contentType);
  if (text.utf8.length === 0) throw new BadAnswer('empty', 'the answer has no body');
  return text;
}
