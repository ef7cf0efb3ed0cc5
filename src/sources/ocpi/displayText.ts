import { flagged, type Normalised, refused, type ValueIssue } from '../../domain/normalised.js';
import { normaliseText } from '../../domain/text.js';
import { isJsonObject } from '../record.js';

/**
 * Reduce OCPI's array of DisplayText ({language, text}) to one text: the German text, else that of the alphabetically
 * first language. The order in the array has no effect. A plain text is accepted.
 * Issues: those of the texts; `not_a_display_text` with the position of an invalid element, which is left out.
 */
export function normaliseDisplayText(raw: unknown): Normalised<string> {
  if (!Array.isArray(raw)) {
    return isJsonObject(raw) ? refused('not_a_display_text', raw) : normaliseText(raw);
  }
  const issues: ValueIssue[] = [];
  const texts: { language: string; text: string }[] = [];
  raw.forEach((item: unknown, index) => {
    const { value, issues: found } = isJsonObject(item)
      ? normaliseText(item.text)
      : refused('not_a_display_text', item);
    for (const issue of found) issues.push({ ...issue, at: `[${index}]` });
    if (value !== null)
      texts.push({ language: languageRank(isJsonObject(item) ? item.language : null), text: value });
  });
  texts.sort((a, b) => compare(a.language, b.language) || compare(a.text, b.text));
  return flagged(texts[0]?.text ?? null, issues);
}

/** Return a sort key: German first, in any of its regions; texts without a language last. */
function languageRank(language: unknown): string {
  const tag = typeof language === 'string' ? language.trim().toLowerCase() : '';
  if (/^de\b/.test(tag)) return '';
  return tag || '\uFFFF';
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
