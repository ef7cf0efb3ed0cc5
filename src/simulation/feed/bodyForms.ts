import { gzipSync } from 'node:zlib';
import type { Fault } from './faults.js';

type CharsetFault = Extract<Fault, { kind: 'charset' }>;
type GzipFileFault = Extract<Fault, { kind: 'gzip_file' }>;

const BYTE_ORDER_MARK = '\ufeff';
/** Size of a bomb after decompression, in bytes: more than any answer may have. */
const BOMB_BYTES = 20_000_000;

/** Encode a text in the charset of a fault. ISO 8859-1 has no byte order mark. */
export function encodeText(text: string, { charset, byteOrderMark }: CharsetFault): Buffer {
  if (charset === 'iso-8859-1') return Buffer.from(text, 'latin1');
  const marked = byteOrderMark ? BYTE_ORDER_MARK + text : text;
  if (charset === 'utf-8') return Buffer.from(marked);
  const bytes = Buffer.from(marked, 'utf16le');
  return charset === 'utf-16le' ? bytes : bytes.swap16();
}

/** Return the header `Content-Type` of an answer in the charset of a fault. */
export function contentTypeOf({ charset, declared = charset }: CharsetFault): string {
  return declared === null ? 'application/json' : `application/json; charset=${declared}`;
}

/** Write a text as a gzip file, in one of the forms of a fault. */
export function gzipFile(text: string, { form }: GzipFileFault): Buffer {
  const whole = gzipSync(text);
  switch (form) {
    case 'whole':
      return whole;
    case 'members':
      return Buffer.concat([
        gzipSync(text.slice(0, text.length >> 1)),
        gzipSync(text.slice(text.length >> 1)),
      ]);
    case 'cut':
      return whole.subarray(0, whole.length >> 1);
    case 'damaged':
      return whole.fill(0xff, 10, 20);
    case 'twice':
      return gzipSync(whole);
    case 'bomb':
      return gzipSync(Buffer.alloc(BOMB_BYTES, ' '));
  }
}

/** Return an answer with only the first half of its stations. */
export function firstHalf(text: string): string {
  const json = JSON.parse(text) as { data: unknown[] };
  return JSON.stringify({ ...json, data: json.data.slice(0, json.data.length >> 1) });
}
