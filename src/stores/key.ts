/** S3's limit for a whole key, in bytes of UTF-8. */
const MAX_KEY_BYTES = 1024;
/** The limit of file systems for one name, in bytes of UTF-8. */
const MAX_SEGMENT_BYTES = 255;

/** The folder below a file store's root that holds unfinished objects. No store takes it as a first segment. */
export const UNFINISHED_FOLDER = '.tmp';

/** Control characters, and halves of surrogate pairs, which UTF-8 can't write. */
const UNWRITABLE = /[\p{Cc}\p{Surrogate}]/u;

/** Checks an object's key. Throws a RangeError that says what is wrong with it. */
export function checkKey(key: string): void {
  const problem = segmentsProblem(key) ?? lengthProblem(key);
  if (problem) throw new RangeError(`${JSON.stringify(key)} can't be the key of an object: ${problem}`);
}

/** Whether objects can have this key; a store may find others, which it did not write, and passes them over. */
export function isKey(text: string): boolean {
  return (segmentsProblem(text) ?? lengthProblem(text)) === null;
}

/** Whether any key can start with this text: listing one that can't, such as `../`, finds nothing. */
export function canStartKey(prefix: string): boolean {
  return segmentsProblem(`${prefix}x`) === null;
}

/** Checks the prefix of a listing of folders. Throws a RangeError unless it is "" or ends in a slash. */
export function checkFolderPrefix(prefix: string): void {
  if (prefix !== '' && !prefix.endsWith('/')) {
    throw new RangeError(`${JSON.stringify(prefix)} is no folder: expected "" or a prefix that ends in "/"`);
  }
}

/**
 * Order of the texts' UTF-8 bytes, which is the order of S3's listings. JavaScript's own order of strings
 * differs from it beyond the Basic Multilingual Plane.
 */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function segmentsProblem(key: string): string | null {
  if (UNWRITABLE.test(key)) return 'it has control characters or halves of characters';
  if (key.includes('\\')) return 'it has a backslash; segments are joined by "/"';
  const segments = key.split('/');
  if (segments.includes(''))
    return 'it is empty, or has an empty segment (a slash at an end, or two in a row)';
  if (segments.includes('.') || segments.includes('..'))
    return 'its segments "." and ".." would lead elsewhere';
  if (segments[0] === UNFINISHED_FOLDER) return `"${UNFINISHED_FOLDER}/" holds unfinished objects`;
  return null;
}

function lengthProblem(key: string): string | null {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return `it is longer than ${MAX_KEY_BYTES} bytes`;
  if (key.split('/').some((segment) => Buffer.byteLength(segment) > MAX_SEGMENT_BYTES)) {
    return `it has a segment of more than ${MAX_SEGMENT_BYTES} bytes`;
  }
  return null;
}
