import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../src/sources/charset.js';

const TEXT = '{"city":"Köln","price":"5 €"}';
const LATIN = '{"city":"Köln"}';
const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();

/** Read a body that came with `charset`; null for a header without one. */
function read(body: Buffer, charset: string | null): [text: string, reason: string | null] {
  const { utf8, charsetIssue } = toUtf8(
    body,
    charset === null ? undefined : `application/json;charset=${charset}`,
  );
  if (charsetIssue !== null) expect(charsetIssue.declared).toBe(charset?.replaceAll('"', '') ?? null);
  return [utf8.toString(), charsetIssue?.reason ?? null];
}

describe('a body in UTF-8', () => {
  it.each<[string | null, string | null]>([
    [null, null],
    ['utf-8', null],
    ['"UTF-8"', null],
    ['utf8', null],
    ['ISO-8859-1', 'wrong_charset'],
    ['windows-1252', 'wrong_charset'],
    ['utf-16', 'wrong_charset'],
    ['utf-7', 'unknown_charset'],
    ['klingon', 'unknown_charset'],
  ])('is read as it is, also with the charset %j', (charset, reason) => {
    const body = Buffer.from(TEXT);
    expect(read(body, charset)).toEqual([TEXT, reason]);
    expect(toUtf8(body, `application/json; charset=${charset ?? ''}`).utf8).toBe(body);
    expect(read(Buffer.from(`\ufeff${TEXT}`), charset)).toEqual([TEXT, reason]);
  });

  it.each<[string, string | null]>([
    ['ISO-8859-1', null],
    ['us-ascii', null],
    ['utf-16', 'wrong_charset'],
    ['utf-7', 'unknown_charset'],
  ])('of ASCII alone fits to most charsets: to %s', (charset, reason) => {
    expect(read(Buffer.from('{"city":"Bonn"}'), charset)).toEqual(['{"city":"Bonn"}', reason]);
  });
});

describe('a body in the charset that is declared', () => {
  it.each([
    ['ISO-8859-1', LATIN, 'latin1'],
    ['"iso-8859-1"', LATIN, 'latin1'],
    [' latin1 ', LATIN, 'latin1'],
    ['windows-1252', LATIN, 'latin1'],
    ['utf-16', TEXT, 'utf16le'],
    ['utf-16le', TEXT, 'utf16le'],
  ] as const)('%j is read', (charset, text, encoding) => {
    expect(toUtf8(Buffer.from(text, encoding), `text/plain;a="b"; Charset =${charset}; q=1`)).toEqual({
      utf8: Buffer.from(text),
      charsetIssue: null,
    });
  });

  it('UTF-16 is read in both orders of bytes, with and without a byte order mark', () => {
    for (const body of [utf16be(TEXT), utf16be(`\ufeff${TEXT}`), Buffer.from(`\ufeff${TEXT}`, 'utf16le')])
      expect(read(body, 'utf-16')).toEqual([TEXT, null]);
  });

  it('ISO-8859-1 is windows-1252, as on the web, on every release of Node', () => {
    const bytes = Buffer.from([0x80, 0x93, 0xf6, 0x94, 0x9f, 0x81]);
    expect(read(bytes, 'iso-8859-1')).toEqual(['€“ö”Ÿ\x81', null]);
    expect(read(Buffer.from([0xa4, 0xf6]), 'iso-8859-15')).toEqual(['€ö', null]);
    expect(read(Buffer.from([0xcf, 0xf0, 0xe0]), 'windows-1251')).toEqual(['Пра', null]);
  });
});

describe('a body in another charset than declared', () => {
  it('is read all the same where its bytes show it: UTF-16', () => {
    for (const charset of [null, 'utf-8', 'iso-8859-1', 'klingon'])
      for (const mark of ['', '\ufeff']) {
        expect(read(Buffer.from(mark + TEXT, 'utf16le'), charset)).toEqual([TEXT, 'wrong_charset']);
        expect(read(utf16be(mark + TEXT), charset)).toEqual([TEXT, 'wrong_charset']);
      }
  });

  it.each([null, 'utf-8', 'utf-16', 'klingon', 'shift_jis', 'x'.repeat(150)])(
    'is read with replacement characters where nothing shows it, and %j does not fit',
    (charset) => {
      expect(read(Buffer.from('{"city":"K\xf6\xfeln"}', 'latin1'), charset)).toEqual([
        '{"city":"K\ufffd\ufffdln"}',
        'not_utf8',
      ]);
    },
  );

  it('is read with replacement characters where it is damaged', () => {
    const damaged = Buffer.concat([Buffer.from('\ufeff{"a":"'), Buffer.from([0xf6]), Buffer.from('"}')]);
    expect(read(damaged, 'utf-8')).toEqual(['{"a":"\ufffd"}', 'not_utf8']);
    const halfPair = Buffer.concat([Buffer.from('{"a":"', 'utf16le'), Buffer.from([0x3d, 0xd8, 0x22])]);
    expect(read(halfPair, 'utf-16')).toEqual(['{"a":"\ufffd', 'wrong_charset']);
  });
});
