/**
 * The maximum length of the warehouse's texts, by column, in bytes of UTF-8. Redshift's varchar counts bytes and
 * rejects longer texts. Cleaning cuts texts to these lengths for Postgres too, so that both warehouses store the same.
 * The limits are several times the longest text of any feed. Ids are never cut, because their own rules keep them
 * shorter.
 */
export const TEXT_BYTES = {
  id_chargingpoint: 256,
  id_connector: 256,
  id_cp: 256,
  status_cp: 256,
  status_connector: 256,
  status_parkingsensor: 256,
  source: 64,
  source_id: 256,
  feed: 64,
  name: 1024,
  address: 1024,
  city: 512,
  postal_code: 128,
  country: 256,
  owner: 1024,
  operator_name: 1024,
  operator_hotline: 256,
  opening_hours: 16_384,
  directions: 8192,
  evse_id: 256,
  charging_station_position: 1024,
  cp_position: 1024,
  vehicle_type: 256,
  floor_level: 256,
  physical_reference: 256,
  cp_parking_space_numbers: 1024,
  public_comment: 8192,
  capabilities: 8192,
  standard: 256,
  format: 256,
  power_type: 256,
  key: 512,
  entity: 32,
  id: 512,
  path: 4096,
  field: 1024,
  reason: 128,
  value: 1024,
} as const;

export type TextColumn = keyof typeof TEXT_BYTES;

/** Columns with a JSON array. They are cut by removing elements at the end, so that the text stays valid JSON. */
const JSON_ARRAYS: ReadonlySet<string> = new Set<TextColumn>(['opening_hours', 'capabilities']);

/** Maximum bytes of UTF-8 per UTF-16 code unit. */
const MAX_BYTES_PER_UNIT = 3;

/** Length in UTF-16 code units at which a text fits every column of feeds' texts. Most texts are shorter. */
export const ALWAYS_FITS = Math.floor(
  Math.min(TEXT_BYTES.source, TEXT_BYTES.postal_code) / MAX_BYTES_PER_UNIT,
);

/**
 * Cut a text to the length of its column, never within a character. Returns the text itself when it fits.
 *
 * @example fitText('postal_code', '50667') // '50667'
 */
export function fitText(column: TextColumn, text: string): string {
  const limit = TEXT_BYTES[column];
  if (text.length * MAX_BYTES_PER_UNIT <= limit || Buffer.byteLength(text) <= limit) return text;
  return JSON_ARRAYS.has(column) ? cutArray(text, limit) : cutBytes(text, limit).trimEnd();
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
