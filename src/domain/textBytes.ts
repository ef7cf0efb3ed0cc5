import { ATTRIBUTE_BYTES, JSON_ATTRIBUTES } from './masterData.js';

/**
 * The most bytes of UTF-8 that a text of the warehouse takes, by its column: Redshift's varchar counts bytes and refuses
 * what is longer. Cleaning cuts to these lengths whatever the warehouse is, so that each holds the same. They are a
 * multiple of what feeds have shown; ids are never cut, because their own rules keep them shorter.
 */
export const TEXT_BYTES = {
  ...ATTRIBUTE_BYTES,
  id_chargingpoint: 256,
  id_connector: 256,
  status_cp: 256,
  status_connector: 256,
  status_parkingsensor: 256,
  feed: 64,
  key: 512,
  entity: 32,
  id: 512,
  path: 4096,
  field: 1024,
  reason: 128,
  value: 1024,
} as const;

export type TextColumn = keyof typeof TEXT_BYTES;

/** A UTF-16 code unit takes at most so many bytes of UTF-8. */
const MAX_BYTES_PER_UNIT = 3;

/** A text of so many UTF-16 code units fits any column that feeds' texts go to: most are that short. */
export const ALWAYS_FITS = Math.floor(
  Math.min(TEXT_BYTES.source, TEXT_BYTES.postal_code) / MAX_BYTES_PER_UNIT,
);

/**
 * A text cut to what its column takes, never within a character; the text itself where it fits.
 *
 * @example fitText('postal_code', '50667') // '50667'
 */
export function fitText(column: TextColumn, text: string): string {
  const limit = TEXT_BYTES[column];
  if (text.length * MAX_BYTES_PER_UNIT <= limit || Buffer.byteLength(text) <= limit) return text;
  // Of an array, elements at its end are left out, so that it stays one.
  return JSON_ATTRIBUTES.has(column) ? cutArray(text, limit) : cutBytes(text, limit).trimEnd();
}

/** Whether texts of this name have a length. */
export function isTextColumn(column: string): column is TextColumn {
  return Object.hasOwn(TEXT_BYTES, column);
}

function cutBytes(text: string, limit: number): string {
  const bytes = Buffer.from(text);
  let end = limit;
  while (isContinuation(bytes[end])) end--;
  return bytes.toString('utf8', 0, end);
}

/** In UTF-8, all bytes of a character but its first begin with the bits 10. */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

function cutArray(text: string, limit: number): string {
  const kept: string[] = [];
  let bytes = '[]'.length;
  for (const element of JSON.parse(text) as unknown[]) {
    const json = JSON.stringify(element);
    bytes += Buffer.byteLength(json) + (kept.length > 0 ? 1 : 0);
    if (bytes > limit) break;
    kept.push(json);
  }
  return `[${kept.join(',')}]`;
}
