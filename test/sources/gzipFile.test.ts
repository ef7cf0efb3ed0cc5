import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/sources/answerLimits.js';
import { unpackGzipFile } from '../../src/sources/gzipFile.js';
import { BadAnswer } from '../../src/sources/source.js';

const TEXT = JSON.stringify({ data: Array.from({ length: 1_000 }, (_, id) => ({ id })), status_code: 1000 });
const file = gzipSync(TEXT);

function unpacked(body: Buffer, maxBodyBytes = DEFAULT_LIMITS.maxBodyBytes): string {
  try {
    return unpackGzipFile(body, { ...DEFAULT_LIMITS, maxBodyBytes }).toString();
  } catch (error) {
    if (!(error instanceof BadAnswer)) throw error;
    return error.reason;
  }
}

describe('a gzip file', () => {
  it('is unpacked, also one of several members, or with more after its end', () => {
    expect(unpacked(file)).toBe(TEXT);
    expect(unpacked(Buffer.concat([gzipSync(TEXT.slice(0, 99)), gzipSync(TEXT.slice(99))]))).toBe(TEXT);
    expect(unpacked(Buffer.concat([file, Buffer.alloc(512)]))).toBe(TEXT);
    expect(unpacked(gzipSync(''))).toBe('');
  });

  it('is cut short wherever its end is missing, and never taken for a shorter answer', () => {
    for (let length = 2; length < file.length; length++)
      expect(unpacked(file.subarray(0, length)), String(length)).toBe('cut_short');
    const two = Buffer.concat([gzipSync(TEXT.slice(0, 99)), gzipSync(TEXT.slice(99))]);
    expect(unpacked(two.subarray(0, two.length - 9))).toBe('cut_short');
  });

  it('is refused where it is damaged, or holds another one', () => {
    expect(unpacked(Buffer.from(file).fill(0xff, 10, 20))).toBe('bad_encoding');
    expect(unpacked(Buffer.from(file).fill(0, file.length - 8, file.length - 4))).toBe('bad_encoding');
    expect(unpacked(gzipSync(file))).toBe('bad_encoding');
  });

  it('may be as large as the limit allows after decompression, and no larger', () => {
    expect(unpacked(file, TEXT.length)).toBe(TEXT);
    expect(unpacked(file, TEXT.length - 1)).toBe('too_large');
    expect(unpacked(gzipSync(Buffer.alloc(100_000_000)))).toBe('too_large');
    expect(unpacked(file, Number.MAX_SAFE_INTEGER)).toBe(TEXT);
  });
});

it('any other body is left as it is', () => {
  for (const body of [Buffer.from(TEXT), Buffer.alloc(0), Buffer.from([0x1f]), Buffer.from('PK\x03\x04')])
    expect(unpackGzipFile(body, DEFAULT_LIMITS)).toBe(body);
});
