import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/sources/answerLimits.js';
import { readBodyText } from '../../src/sources/bodyText.js';
import { chargecloud } from '../../src/sources/chargecloud/source.js';
import { contentTypeOf } from '../../src/sources/contentType.js';
import { readAnswer } from '../../src/sources/readAnswer.js';
import { BadAnswer } from '../../src/sources/source.js';

const LIMITS = { ...DEFAULT_LIMITS, maxBodyBytes: 10_000 };
const LABELS = [
  'utf-8',
  'ISO-8859-1',
  'utf-16',
  'utf-16be',
  'shift_jis',
  'gb18030',
  'iso-2022-jp',
  'utf-7',
  'x',
];

const contentType = fc.option(
  fc.oneof(
    fc.constantFrom(...LABELS).map((label) => `application/json; charset=${label}`),
    fc.string({ unit: 'binary' }).map((label) => `application/json; charset="${label}`),
    fc.string({ unit: 'binary-ascii', maxLength: 300 }),
    fc.constant(`text/plain; charset=${'x'.repeat(1_000_000)}`),
  ),
  { nil: undefined },
);

const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array));
const body = fc.oneof(
  bytes,
  fc
    .tuple(fc.constantFrom('\ufeff', '{', '[{"', '\0'), bytes)
    .map(([begin, rest]) => Buffer.concat([Buffer.from(begin), rest])),
  fc
    .tuple(fc.constantFrom([0xff, 0xfe], [0xfe, 0xff], [0x1f, 0x8b], [0, 0x7b], [0x7b, 0]), bytes)
    .map(([begin, rest]) => Buffer.concat([Buffer.from(begin), rest])),
  fc.tuple(bytes, fc.nat(80)).map(([content, length]) => gzipSync(content).subarray(0, length)),
);

/** Run in the usual number of runs, or many more in a long test. */
const RUNS = { numRuns: process.env.LADEPULS_TEST_LONG ? 200_000 : 3_000 };

it('any body with any Content-Type is read or rejected with a reason, and keeps its bytes', () => {
  fc.assert(
    fc.property(body, contentType, (received, header) => {
      const before = Buffer.from(received);
      const type = contentTypeOf(header === undefined ? {} : { 'content-type': header });
      const rejected = (read: () => unknown): string | null => {
        try {
          read();
          return null;
        } catch (error) {
          if (!(error instanceof BadAnswer)) throw error;
          return error.reason;
        }
      };
      rejected(() => expect(readBodyText(received, type, LIMITS).utf8.length).toBeGreaterThan(0));
      expect(rejected(() => readAnswer(chargecloud, received, LIMITS, type))).toMatch(/^\w+$/);
      expect(received.equals(before)).toBe(true);
    }),
    RUNS,
  );
});

it('every way to send an answer gives the same text', () => {
  const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }));
  fc.assert(
    fc.property(fc.array(text), fc.boolean(), (names, isZipped) => {
      const json = JSON.stringify({ names });
      const utf16 = Buffer.from(json, 'utf16le');
      const latin = Buffer.from(json, 'latin1');
      const ways: [Buffer, string | undefined][] = [
        [Buffer.from(json), undefined],
        [Buffer.from(json), 'application/json; charset=utf-8'],
        [Buffer.from(`\ufeff${json}`), undefined],
        [utf16, 'application/json; charset=utf-16le'],
        [Buffer.from(utf16).swap16(), 'application/json; charset=utf-16be'],
        [Buffer.from(`\ufeff${json}`, 'utf16le'), 'application/json; charset=utf-16'],
      ];
      if (latin.toString('latin1') === json && !/[\x80-\x9f]/.test(json) && !isValid(latin))
        ways.push([latin, 'application/json; charset=ISO-8859-1']);
      for (const [sent, type] of ways) {
        const received = isZipped ? gzipSync(sent) : sent;
        const { utf8, charsetIssue } = readBodyText(received, type, DEFAULT_LIMITS);
        expect([utf8.toString(), charsetIssue], type).toEqual([json, null]);
      }
    }),
    { numRuns: RUNS.numRuns / 10 },
  );
});

/** Return whether bytes of ISO 8859-1 happen to be UTF-8 too. */
function isValid(latin: Buffer): boolean {
  return Buffer.from(latin.toString()).equals(latin);
}
