import { ABSENT, accepted, flagged, type Normalised, refused, type ValueIssue } from './normalised.js';

/** Maximum length of a stored text, in UTF-16 code units. */
export const MAX_TEXT_LENGTH = 4000;

/** Blanks of any kind, including U+0085, a line break that JavaScript's \s does not contain. */
const BLANKS = /[\s\u0085]+/gu;
/** Control characters that are not blanks. They have no meaning in a name, and databases reject NUL. */
const CONTROL_CHARACTERS = /(?![\s\u0085])\p{Cc}/gu;
/** Unpaired surrogates, which can't be encoded as UTF-8. */
const LONE_SURROGATES = /\p{Cs}/gu;
/** Characters from which on a text may not be in Unicode's NFC. Nearly all texts have none. */
const PERHAPS_NOT_NFC = /[\u0300-\uffff]/;
/**
 * Combining marks on one character beyond 30, the limit of Unicode's Stream-Safe Text Format. No language needs more.
 * Composing takes time that grows with the square of their number.
 */
const FURTHER_MARKS = /(\p{Mark}{30})\p{Mark}+/gu;
/** Texts that need no cleaning: printable ASCII without blanks. Nearly all texts match. */
const PLAIN = /^[!-~]{2,200}$/;

/**
 * Normalise a text: trim it, collapse inner blanks (including line breaks and tabs) to one space, compose its characters
 * (Unicode's NFC), and turn "" and "-" into null. Other code points are unchanged.
 *
 * Issues: `not_text` (a number becomes its text; any other value becomes null), `lone_surrogate` (replaced by U+FFFD),
 * `control_characters` (removed), `too_many_marks` (combining marks; those beyond 30 are removed), `too_long` (cut, never
 * within a character).
 *
 * @example normaliseText(' Göttingen\r\n').value // 'Göttingen'
 */
export function normaliseText(raw: unknown): Normalised<string> {
  if (raw === null || raw === undefined) return ABSENT;
  if (typeof raw === 'string') return PLAIN.test(raw) ? accepted(raw) : cleanText(raw);
  if (typeof raw === 'number') return flagged(String(raw), [{ reason: 'not_text', at: '', raw }]);
  return refused('not_text', raw);
}

/** Cut a text to a length in UTF-16 code units, without leaving half of a surrogate pair at its end. */
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
  if (PERHAPS_NOT_NFC.test(text))
    text = replace(text, FURTHER_MARKS, '$1', 'too_many_marks').normalize('NFC');
  if (text.length > MAX_TEXT_LENGTH) {
    text = cutText(text, MAX_TEXT_LENGTH).trimEnd();
    issues.push({ reason: 'too_long', at: '', raw });
  }
  return flagged(text === '' || text === '-' ? null : text, issues);
}
