import { createHash } from 'node:crypto';
import { MAX_INT32 } from './number.js';

/** A record's key in the warehouse, or why its id yields none: `missing` or `bad`. */
export type Identity<K> = { key: K; trouble: null } | { key: null; trouble: 'missing' | 'bad' };

/** The form of ChargeCloud's uids and connector ids. Ids of other sources have a prefix with `:`. */
const PLAIN_KEY = /^[A-Za-z0-9*._-]{1,64}$/;

/**
 * Read a station's id that is a number: digits without leading zeros, at most 2^31 - 1.
 *
 * @example stationNumber('326') // { key: 326, trouble: null }
 */
export function stationNumber(raw: unknown): Identity<number> {
  return identity(raw, (text) => {
    const number = /^(?:0|[1-9]\d{0,9})$/.test(text) ? Number(text) : Infinity;
    return number <= MAX_INT32 ? number : null;
  });
}

/** Read an id that is used as key unchanged: up to 64 letters, digits, and `*._-`. */
export function plainKey(raw: unknown): Identity<string> {
  return identity(raw, (text) => (PLAIN_KEY.test(text) ? text : null));
}

/**
 * Read an id of another source: printable ASCII without blanks. `@` is not allowed, because it separates id and slot in
 * the keys of facts.
 *
 * @param options.without one more character that is not allowed
 */
export function foreignId(raw: unknown, options: { maxLength: number; without?: string }): Identity<string> {
  return identity(raw, (text) => {
    const wellFormed = /^[!-?A-~]+$/.test(text) && text.length <= options.maxLength;
    return wellFormed && !(options.without && text.includes(options.without)) ? text : null;
  });
}

/**
 * Compute the number of a station whose id is not a number: minus the first 53 bits of SHA-256 of `<source>|<id>`, or
 * -1 when these are 0. The number is the same on every machine, a safe integer in JavaScript, and negative, so that no
 * feed's own number equals it.
 *
 * @returns `Number.MIN_SAFE_INTEGER` to -1
 */
export function hashedStationNumber(source: string, id: string): number {
  const digest = createHash('sha256').update(`${source}|${id}`).digest();
  const hash = Number(digest.readBigUInt64BE(0) >> 11n);
  return -(hash === 0 ? 1 : hash);
}

function identity<K>(raw: unknown, read: (text: string) => K | null): Identity<K> {
  if (raw === null || raw === undefined) return { key: null, trouble: 'missing' };
  const isId = typeof raw === 'string' || (typeof raw === 'number' && Number.isSafeInteger(raw));
  const key = isId ? read(String(raw).trim()) : null;
  return key === null ? { key: null, trouble: 'bad' } : { key, trouble: null };
}
