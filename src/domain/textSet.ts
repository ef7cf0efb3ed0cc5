import { ABSENT, flagged, type Normalised, refused, type ValueIssue } from './normalised.js';
import { normaliseText } from './text.js';

/**
 * Convert an array of texts to canonical JSON: sorted and without duplicates, because the order has no meaning. `[]`
 * stays `[]`.
 * Issues: `not_an_array`; those of the texts, with their positions.
 *
 * @example normaliseTextSet(['RFID_READER', 'RESERVABLE']).value // '["RESERVABLE","RFID_READER"]'
 */
export function normaliseTextSet(raw: unknown): Normalised<string> {
  if (raw === null || raw === undefined) return ABSENT;
  if (!Array.isArray(raw)) return refused('not_an_array', raw);
  const texts = new Set<string>();
  const issues: ValueIssue[] = [];
  raw.forEach((item: unknown, index) => {
    const text = normaliseText(item);
    if (text.value !== null) texts.add(text.value);
    for (const issue of text.issues) issues.push({ ...issue, at: `[${index}]` });
  });
  return flagged(JSON.stringify([...texts].sort()), issues);
}
