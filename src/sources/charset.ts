import { isAscii, isUtf8 } from 'node:buffer';
import { charsetOf } from './contentType.js';

/**
 * A problem of an answer's character set. The answer was read all the same.
 *
 * - `not_utf8`: The body is not UTF-8, and no charset is declared that fits. Unreadable bytes were read as U+FFFD.
 * - `wrong_charset`: The body has another charset than declared, and was read in its own. Without a declaration, JSON is
 *   declared as UTF-8 by its standard.
 * - `unknown_charset`: The declared charset is not known. The body is UTF-8 and was read as such.
 */
export interface CharsetIssue {
  reason: 'not_utf8' | 'wrong_charset' | 'unknown_charset';
  /** The declared charset; null without a declaration. */
  declared: string | null;
}

/** An answer's body in UTF-8, without a byte order mark. */
export interface Utf8Body {
  /** The same buffer as the body where the body is UTF-8. Bytes that are no UTF-8 mean U+FFFD. */
  utf8: Buffer;
  charsetIssue: CharsetIssue | null;
}

const UTF_8 = 'utf-8';

/** Byte order marks, by encoding. */
const MARKS: readonly [encoding: string, bytes: readonly number[]][] = [
  [UTF_8, [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/** Characters of the bytes 0x80 to 0x9f in windows-1252. */
const WINDOWS_1252 =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f' +
  '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178';

/**
 * Convert a body of JSON to UTF-8. Never throws.
 *
 * The bytes decide before the header does: a byte order mark, the zeros of UTF-16, and valid UTF-8, which no other
 * charset produces by accident. Only other bodies are read in the charset that `Content-Type` declares. Labels mean what
 * they mean on the web: `ISO-8859-1` is windows-1252.
 */
export function toUtf8(body: Buffer, contentType: string | undefined): Utf8Body {
  const declared = charsetOf(contentType);
  const encoding = declared === null ? UTF_8 : encodingOf(declared);
  const issue = (reason: CharsetIssue['reason']): CharsetIssue => ({ reason, declared });
  const found = findUnicode(body);
  const bytes = found === null ? body : body.subarray(found.markLength);
  if (found !== null && found.encoding !== UTF_8) {
    const text = decode(found.encoding, bytes);
    const fits = encoding?.startsWith('utf-16') === true && text !== null;
    const utf8 = Buffer.from(text ?? new TextDecoder(found.encoding).decode(bytes));
    return { utf8, charsetIssue: fits ? null : issue('wrong_charset') };
  }
  if (isUtf8(bytes)) {
    if (encoding === UTF_8) return { utf8: bytes, charsetIssue: null };
    if (encoding === null) return { utf8: bytes, charsetIssue: issue('unknown_charset') };
    const isHarmless = isAscii(bytes) && !encoding.startsWith('utf-16');
    return { utf8: bytes, charsetIssue: isHarmless ? null : issue('wrong_charset') };
  }
  const text = found === null && encoding !== null && isOwnCharset(encoding) ? decode(encoding, bytes) : null;
  if (text !== null) return { utf8: Buffer.from(text), charsetIssue: null };
  return { utf8: bytes, charsetIssue: issue('not_utf8') };
}

/** Return the encoding of a label, as the web defines labels; null for an unknown label. */
function encodingOf(label: string): string | null {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return null;
  }
}

/**
 * Return the Unicode encoding that the first bytes show, and the length of its byte order mark; null when they show none.
 * JSON begins with ASCII and has no character 0. Therefore one zero among the first two bytes means UTF-16.
 */
function findUnicode(body: Buffer): { encoding: string; markLength: number } | null {
  for (const [encoding, mark] of MARKS)
    if (mark.every((byte, at) => body[at] === byte)) return { encoding, markLength: mark.length };
  const [first, second] = body;
  if (first === undefined || second === undefined || (first === 0) === (second === 0)) return null;
  return { encoding: first === 0 ? 'utf-16be' : 'utf-16le', markLength: 0 };
}

/** Return whether an encoding is none of Unicode's, which the bytes themselves would show. */
function isOwnCharset(encoding: string): boolean {
  return !encoding.startsWith('utf-');
}

/** Return the text of some bytes; null when the bytes are not in this encoding. */
function decode(encoding: string, bytes: Buffer): string | null {
  // Node's own windows-1252 leaves out the characters from 0x80 to 0x9f in some releases.
  if (encoding === 'windows-1252')
    return bytes
      .toString('latin1')
      .replace(/[\x80-\x9f]/g, (character) => WINDOWS_1252.charAt(character.charCodeAt(0) - 0x80));
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
