import { ABSENT, accepted, type Normalised, refused } from './normalised.js';

/** The largest value of the warehouse's int columns. */
export const MAX_INT32 = 2 ** 31 - 1;

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * Read a whole number from 0 to 2^31 - 1, from a number or its text. Decimals are rounded.
 * Issues: `not_a_number`, `out_of_range`.
 *
 * @example normaliseInteger('3.68').value // 4
 */
export function normaliseInteger(raw: unknown): Normalised<number> {
  return normaliseScaledInteger(raw, 1);
}

/**
 * Smallest plausible power of a connector in W. No feed has less, but many feeds write kW into the field for W. Their
 * values are from 1 to 400.
 */
const LEAST_WATTS = 1000;

/**
 * Convert W to whole kW. 0 stays 0.
 * Issues: those of {@link normaliseInteger}; `below_1_kw`, because such a value is kW and not W.
 */
export function normaliseWattsAsKilowatts(raw: unknown): Normalised<number> {
  const watts = readNumber(raw);
  if (watts !== null && watts > 0 && watts < LEAST_WATTS) return refused('below_1_kw', raw);
  return normaliseScaledInteger(raw, 1000);
}

/** Read degrees north of the equator, from a number or its text. Issues: `not_a_number`, `out_of_range`. */
export function normaliseLatitude(raw: unknown): Normalised<number> {
  return normaliseDegrees(raw, 90);
}

/** Read degrees east of Greenwich, from a number or its text. Issues: `not_a_number`, `out_of_range`. */
export function normaliseLongitude(raw: unknown): Normalised<number> {
  return normaliseDegrees(raw, 180);
}

/** Read true or false. Issue: `not_a_boolean` for any other value except null. */
export function normaliseBoolean(raw: unknown): Normalised<boolean> {
  if (raw === null || raw === undefined) return ABSENT;
  return typeof raw === 'boolean' ? accepted(raw) : refused('not_a_boolean', raw);
}

function normaliseScaledInteger(raw: unknown, unitsPerOne: number): Normalised<number> {
  const number = readNumber(raw);
  if (number === null) return ABSENT;
  if (Number.isNaN(number)) return refused('not_a_number', raw);
  const rounded = Math.round(number / unitsPerOne);
  if (number < 0 || rounded > MAX_INT32) return refused('out_of_range', raw);
  return accepted(rounded + 0); // turns -0 into 0
}

function normaliseDegrees(raw: unknown, bound: number): Normalised<number> {
  const number = readNumber(raw);
  if (number === null) return ABSENT;
  if (Number.isNaN(number)) return refused('not_a_number', raw);
  return Math.abs(number) <= bound ? accepted(number + 0) : refused('out_of_range', raw);
}

/** Return the number; null when the feed gives none, NaN when its value is not a number. */
function readNumber(raw: unknown): number | null {
  if (raw === null || raw === undefined) return null;
  if (typeof raw === 'number') return raw;
  if (typeof raw !== 'string') return NaN;
  const text = raw.trim();
  if (text === '' || text === '-') return null;
  return DECIMAL.test(text) ? Number(text) : NaN;
}
