import { ABSENT, accepted, flagged, type Normalised, refused, type ValueIssue } from './normalised.js';

/** The longest text that is kept, in UTF-16 code units. */
export const MAX_TEXT_LENGTH = 4000;

/** Blanks of any kind; U+0085 is a line break that JavaScript's \s leaves out. */
const BLANKS = /[\s\u0085]+/gu;
/** Control characters that are no blanks: they mean nothing in a name, and databases refuse NUL. */
const CONTROL_CHARACTERS = /(?![\s\u0085])\p{Cc}/gu;
/** Halves of surrogate pairs that stand alone: they can't be written as UTF-8. */
const LONE_SURROGATES = /\p{Cs}/gu;
/** Nearly all texts are like this already: printable ASCII without blanks. */
const PLAIN = /^[!-~]{2,200}$/;

/**
 * Text as the warehouse keeps it: trimmed, inner blanks (line breaks and tabs included) collapsed to one
 * space, "", "-" and blanks null. The code points are left as they are otherwise.
 *
 * Issues: `not_text` (a number is kept as its text; anything else becomes null), `lone_surrogate`
 * (replaced by U+FFFD), `control_characters` (removed), `too_long` (cut, never within a character).
 *
 * @example normaliseText(' Göttingen\r\n').value // 'Göttingen'
 */
export function normaliseText(raw: unknown): Normalised<string> {
  if (raw === null || raw === undefined) return ABSENT;
  if (typeof raw === 'string') return PLAIN.test(raw) ? accepted(raw) : cleanText(raw);
  if (typeof raw === 'number') return flagged(String(raw), [{ reason: 'not_text', at: '', raw }]);
  return refused('not_text', raw);
}

/** Cuts a text to a length in UTF-16 code units, without leaving half a surrogate pair at its end. */
export function cutText(text: string, length: number): string {
  if (text.length <= length) return text;
  return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '');
}

function cleanText(raw: string): Normalised<string> {
  const issues: ValueIssue[] = [];
  const replace = (text: string, pattern: RegExp, by: string, reason: string): string => {
    const replaced = text.replace(pattern, by);
    if (replaced !== text) issues.push({ reason, at: '', raw });
    return replaced;
  };
  let text = replace(raw, LONE_SURROGATES, '\uFFFD', 'lone_surrogate');
  text = replace(text, CONTROL_CHARACTERS, '', 'control_characters');
  text = text.replace(BLANKS, ' ').trim();
  if (text.length > MAX_TEXT_LENGTH) {
    text = cutText(text, MAX_TEXT_LENGTH).trimEnd();
    issues.push({ reason: 'too_long', at: '', raw });
  }
  return flagged(text === '' || text === '-' ? null : text, issues);
}
