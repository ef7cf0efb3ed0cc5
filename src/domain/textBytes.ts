import { ATTRIBUTE_BYTES, JSON_ATTRIBUTES } from './masterData.js';

/**
 * The maximum length of the warehouse's texts, by column, in bytes of UTF-8. Redshift's varchar counts bytes and
 * rejects longer texts. Cleaning cuts texts to these lengths for Postgres too, so that both warehouses store the same.
 * The limits are several times the longest text of any feed. Ids are never cut, because their own rules keep them
 * shorter.
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

/** Maximum bytes of UTF-8 per UTF-16 code unit. */
const MAX_BYTES_PER_UNIT = 3;

/** Length in UTF-16 code units at which a text fits every column of master data. Most texts are shorter. */
export const ALWAYS_FITS = Math.floor(Math.min(...Object.values(ATTRIBUTE_BYTES)) / MAX_BYTES_PER_UNIT);

/**
 * Cut a text to the length of its column, never within a character. Returns the text itself when it fits.
 *
 * @example fitText('postal_code', '50667') // '50667'
 */
export function fitText(column: TextColumn, text: string): string {
  const limit = TEXT_BYTES[column];
  if (text.length * MAX_BYTES_PER_UNIT <= limit || Buffer.byteLength(text) <= limit) return text;
  // An array loses elements at its end, so that the text stays valid JSON.
  return JSON_ATTRIBUTES.has(column) ? cutArray(text, limit) : cutBytes(text, limit).trimEnd();
}

/** Return whether a column has a maximum length. */
export function isTextColumn(column: string): column is TextColumn {
  return Object.hasOwn(TEXT_BYTES, column);
}

function cutBytes(text: string, limit: number): string {
  const bytes = Buffer.from(text);
  let end = limit;
  while (isContinuation(bytes[end])) end--;
  return bytes.toString('utf8', 0, end);
}

/**
 * Return whether a byte continues a character: in UTF-8, all bytes of a character but its first begin with the bits 10.
 */
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
