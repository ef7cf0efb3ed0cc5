/** S3's limit for a whole key, in bytes of UTF-8. */
const MAX_KEY_BYTES = 1024;
/** The limit of file systems for one name, in bytes of UTF-8. */
const MAX_SEGMENT_BYTES = 255;

/**
 * The folder below a file store's root that holds unfinished objects. No store accepts it as the first segment of a
 * key.
 */
export const UNFINISHED_FOLDER = '.tmp';

/** Control characters, and unpaired surrogates, which UTF-8 can't encode. */
const UNWRITABLE = /[\p{Cc}\p{Surrogate}]/u;

/**
 * Check the key of an object.
 *
 * @throws RangeError when the key is not valid; the message says why
 */
export function checkKey(key: string): void {
  const problem = segmentsProblem(key) ?? lengthProblem(key);
  if (problem) throw new RangeError(`${JSON.stringify(key)} can't be the key of an object: ${problem}`);
}

/**
 * Return whether a key is valid. A store may contain objects with other keys, which Ladepuls did not write and ignores.
 */
export function isKey(text: string): boolean {
  return (segmentsProblem(text) ?? lengthProblem(text)) === null;
}

/** Return whether a valid key can start with this text. Listing any other prefix, such as `../`, finds nothing. */
export function canStartKey(prefix: string): boolean {
  return segmentsProblem(`${prefix}x`) === null;
}

/**
 * Check the prefix of a listing of folders.
 *
 * @throws RangeError unless the prefix is "" or ends in a slash
 */
export function checkFolderPrefix(prefix: string): void {
  if (prefix !== '' && !prefix.endsWith('/')) {
    throw new RangeError(
      `${JSON.stringify(prefix)} is not the name of a folder: expected "" or a text that ends in "/"`,
    );
  }
}

/**
 * Compare two texts by their UTF-8 bytes, like S3's listings. JavaScript's order of strings differs for characters
 * beyond the Basic Multilingual Plane.
 */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function segmentsProblem(key: string): string | null {
  if (UNWRITABLE.test(key)) return 'it has control characters or unpaired surrogates';
  if (key.includes('\\')) return 'it has a backslash; segments are joined by "/"';
  const segments = key.split('/');
  if (segments.includes(''))
    return 'it is empty, or has an empty segment (a slash at an end, or two in a row)';
  if (segments.includes('.') || segments.includes('..'))
    return 'it has a segment "." or "..", which would name another folder';
  if (segments[0] === UNFINISHED_FOLDER) return `"${UNFINISHED_FOLDER}/" is reserved for unfinished objects`;
  return null;
}

function lengthProblem(key: string): string | null {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return `it is longer than ${MAX_KEY_BYTES} bytes`;
  if (key.split('/').some((segment) => Buffer.byteLength(segment) > MAX_SEGMENT_BYTES)) {
    return `it has a segment of more than ${MAX_SEGMENT_BYTES} bytes`;
  }
  return null;
}
