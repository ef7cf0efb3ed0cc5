import { BadAnswer, type Source } from './source.js';

/** Limits on the content of one answer. */
export interface AnswerLimits {
  /** Maximum length in bytes of an answer that is a gzip file, after decompression. */
  maxBodyBytes: number;
  /** Stations, charging points and connectors that reading the answer visits, all together. */
  maxRecords: number;
}

/**
 * Twice the records in 16 MB of any recorded feed, at 300 to 800 bytes per record. Reading this many takes some seconds
 * and 400 MB when every record is invalid, and far less otherwise.
 */
export const DEFAULT_MAX_RECORDS = 100_000;

const DEFAULT_MAX_BODY_BYTES = 16_000_000;

export const DEFAULT_LIMITS: AnswerLimits = {
  maxBodyBytes: DEFAULT_MAX_BODY_BYTES,
  maxRecords: DEFAULT_MAX_RECORDS,
};

/**
 * Largest answer that a feed may be allowed to send, in bytes. A worker holds an answer as a whole, several times: as it
 * is sent, decompressed, and parsed on a thread.
 */
export const MAX_FEED_BODY_BYTES = 100_000_000;

/** Upper bound for JSON values per record. Recorded feeds have 10 to 23. */
const VALUES_PER_RECORD = 50;
/** This many values are parsed within a second, whatever they are. */
const HARMLESS_VALUES = DEFAULT_MAX_RECORDS * VALUES_PER_RECORD;

/** Reason for an answer that can't be read within the limits on values, time or memory. */
export const TOO_COMPLEX = 'too_complex';
const TOO_MANY_RECORDS = 'too_many_records';

/** Reasons for which an answer is rejected every time; retrying the request does not help. */
export const EXCESSIVE: ReadonlySet<string> = new Set([TOO_COMPLEX, TOO_MANY_RECORDS]);

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;

/**
 * Check that a body has no more JSON values than the allowed records can have. Must be called before parsing, because
 * some megabytes of brackets become hundreds of megabytes of objects.
 *
 * @throws BadAnswer with the reason `too_complex`
 */
export function checkComplexity(body: Buffer, { maxRecords }: AnswerLimits): void {
  const most = Math.max(HARMLESS_VALUES, maxRecords * VALUES_PER_RECORD);
  if (body.length <= most || !hasMoreValues(body, most)) return;
  throw new BadAnswer(
    TOO_COMPLEX,
    `the answer has more than ${most} JSON values, too many for the records that LADEPULS_MAX_RECORDS allows`,
  );
}

/**
 * Check that an answer has no more records than allowed.
 *
 * @throws BadAnswer with the reason `too_many_records`
 */
export function checkRecords(
  source: Source,
  stations: readonly unknown[],
  { maxRecords }: AnswerLimits,
): void {
  let records = stations.length;
  for (const station of stations) {
    if (records > maxRecords) break;
    records += source.countRecords(station) - 1;
  }
  if (records > maxRecords)
    throw new BadAnswer(
      TOO_MANY_RECORDS,
      `the answer has more than ${maxRecords} records. If the feed is that large, raise LADEPULS_MAX_RECORDS.`,
    );
}

/** Count values: each except the outermost follows a comma, or is the first in an array or object. */
function hasMoreValues(body: Buffer, most: number): boolean {
  let values = 1;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === QUOTE) at = endOfString(body, at);
    else if (byte === COMMA || byte === OPEN_BRACKET || byte === OPEN_BRACE) {
      if (++values > most) return true;
    }
  }
  return false;
}

/** Return the offset of the quote that ends the string beginning at `start`; the body's length when none does. */
export function endOfString(body: Buffer, start: number): number {
  for (let at = start + 1; at < body.length; at++) {
    if (body[at] === BACKSLASH) at++;
    else if (body[at] === QUOTE) return at;
  }
  return body.length;
}
