import { BadAnswer, type Source } from './source.js';

/** Bounds on what one answer may hold, however few bytes it has. */
export interface AnswerLimits {
  /** Stations, charging points and connectors that reading the answer goes through, all together. */
  maxRecords: number;
}

/**
 * Twice what 16 MB of any recorded feed hold: 300 to 800 bytes a record. Reading so many takes some seconds and 400 MB
 * where each of them is wrong, and far less where they are not.
 */
export const DEFAULT_MAX_RECORDS = 100_000;

export const DEFAULT_LIMITS: AnswerLimits = { maxRecords: DEFAULT_MAX_RECORDS };

/** More values of JSON than any feed has in a record: recorded ones have 10 to 23. */
const VALUES_PER_RECORD = 50;
/** So many are parsed within a second, whatever they are. */
const HARMLESS_VALUES = DEFAULT_MAX_RECORDS * VALUES_PER_RECORD;

/** An answer that can't be read within the bounds on values, time or memory. */
export const TOO_COMPLEX = 'too_complex';
const TOO_MANY_RECORDS = 'too_many_records';

/** Reasons for which the same answer is rejected however often it is asked for. */
export const EXCESSIVE: ReadonlySet<string> = new Set([TOO_COMPLEX, TOO_MANY_RECORDS]);

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;

/**
 * Refuses a body whose JSON has more values than the allowed records have, before it is parsed: some megabytes of
 * brackets become hundreds of megabytes of objects. Throws {@link BadAnswer} with the reason `too_complex`.
 */
export function checkComplexity(body: Buffer, { maxRecords }: AnswerLimits): void {
  const most = Math.max(HARMLESS_VALUES, maxRecords * VALUES_PER_RECORD);
  if (body.length <= most || !hasMoreValues(body, most)) return;
  throw new BadAnswer(
    TOO_COMPLEX,
    `the answer has more than ${most} values of JSON, which is more than LADEPULS_MAX_RECORDS records have`,
  );
}

/** Refuses more records than are allowed. Throws {@link BadAnswer} with the reason `too_many_records`. */
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
      `the answer has more than ${maxRecords} records, which is all that LADEPULS_MAX_RECORDS allows`,
    );
}

/** Each value follows a comma or begins what a bracket opens, but for the outermost one. */
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

/** The offset of the quote that ends the string that begins at `start`; the body's length where none does. */
export function endOfString(body: Buffer, start: number): number {
  for (let at = start + 1; at < body.length; at++) {
    if (body[at] === BACKSLASH) at++;
    else if (body[at] === QUOTE) return at;
  }
  return body.length;
}
