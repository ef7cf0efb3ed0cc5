import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { chargecloud } from '../../src/sources/chargecloud/source.js';
import { ocpi } from '../../src/sources/ocpi/source.js';
import { BadAnswer } from '../../src/sources/source.js';
import { NO_LINKS } from './support/noLinks.js';

const envelope = { data: [{ id: '1' }], status_code: 1000, status_message: 'Success' };

function reasonOf(json: unknown): string {
  try {
    chargecloud.readEnvelope(json);
  } catch (error) {
    if (error instanceof BadAnswer) return error.reason;
    throw error;
  }
  return 'none';
}

describe('readEnvelope', () => {
  it('gives the stations, their place and the timestamp', () => {
    expect(chargecloud.readEnvelope({ ...envelope, timestamp: '2022-01-11T21:58:25+01:00' })).toEqual({
      stations: [{ id: '1' }],
      path: '$.data',
      timestampMs: Date.UTC(2022, 0, 11, 20, 58, 25),
      links: NO_LINKS,
    });
  });

  it("gives the stations and links of an aggregator's envelope, where it is OCPI's", () => {
    const aggregated = { items: [{ id: '1' }], total_count: 7, next_offset: 1, next: ' abc ' };
    expect(ocpi.readEnvelope(aggregated)).toEqual({
      stations: [{ id: '1' }],
      path: '$.items',
      timestampMs: null,
      links: { next: 'abc', nextOffset: 1, total: 7 },
    });
    expect(reasonOf(aggregated)).toBe('no_status_code');
  });

  it('takes no stations for an answer in good form', () => {
    expect(chargecloud.readEnvelope({ ...envelope, data: [] }).stations).toEqual([]);
  });

  it('leaves out what 2024 added', () => {
    const languages = { languages: ['de'], localesLanguageMap: {}, currentLocale: 'de_DE' };
    expect(chargecloud.readEnvelope({ ...languages, ...envelope }).stations).toHaveLength(1);
  });

  it.each([
    ['2022-01-11T21:58:25Z', Date.UTC(2022, 0, 11, 21, 58, 25)],
    ['2022-07-11T21:58:25.500+0200', Date.UTC(2022, 6, 11, 19, 58, 25, 500)],
    ['1970-01-01T00:00:00+00:00', 0],
    ['2022-01-11T21:58:25', null],
    ['2022-02-30T21:58:25Z', null],
    ['2022-01-11', null],
    ['yesterday', null],
    [1641934705, null],
    [undefined, null],
  ])('reads the timestamp %s as %s', (timestamp, expected) => {
    expect(chargecloud.readEnvelope({ ...envelope, timestamp }).timestampMs).toBe(expected);
  });

  it('reads every timestamp with an offset as Luxon does', () => {
    const number = (max: number) => fc.integer({ min: 0, max });
    const pad = (value: number, length = 2) => String(value).padStart(length, '0');
    const timestamps = fc
      .record({
        date: fc.tuple(number(9999), number(13), number(32)),
        time: fc.tuple(number(25), number(60), number(60)),
        fraction: fc.oneof(fc.constant(''), fc.stringMatching(/^\.\d{1,4}$/)),
        offset: fc.oneof(fc.constantFrom('Z', 'z'), fc.stringMatching(/^[+-][01]\d(:?[0-6]\d)?$/)),
      })
      .map(({ date: [year, month, day], time, fraction, offset }) => {
        const date = `${pad(year, 4)}-${pad(month)}-${pad(day)}`;
        return `${date}T${time.map((part) => pad(part)).join(':')}${fraction}${offset}`;
      });
    fc.assert(
      fc.property(timestamps, (timestamp) => {
        const instant = DateTime.fromISO(timestamp, { zone: 'utc' });
        const expected = instant.isValid ? instant.toMillis() : null;
        expect(chargecloud.readEnvelope({ ...envelope, timestamp }).timestampMs).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it("takes a timestamp without offset for UTC where it is OCPI's", () => {
    const answer = { ...envelope, timestamp: '2022-01-11T21:58:25' };
    expect(ocpi.readEnvelope(answer).timestampMs).toBe(Date.UTC(2022, 0, 11, 21, 58, 25));
    expect(ocpi.readEnvelope({ ...envelope, timestamp: '20:58' }).timestampMs).toBeNull();
  });

  it.each([
    ['an array', [], 'not_an_object'],
    ['null', null, 'not_an_object'],
    ['a text', 'maintenance', 'not_an_object'],
    ['an object without a status code', { data: [] }, 'no_status_code'],
    ['a status code that is none', { ...envelope, status_code: 'OK' }, 'no_status_code'],
    ["the client's error", { ...envelope, status_code: 2001 }, 'status_code_2001'],
    ["the server's error", { ...envelope, status_code: 3000 }, 'status_code_3000'],
    ['an HTTP status', { ...envelope, status_code: 200 }, 'status_code_200'],
    ['no data', { status_code: 1000 }, 'no_data'],
    ['data that is null', { ...envelope, data: null }, 'no_data'],
    ['data that is an object', { ...envelope, data: {} }, 'data_not_an_array'],
  ])('refuses %s', (_, json, reason) => {
    expect(reasonOf(json)).toBe(reason);
  });

  it.each([1000, 1999, '1000'])('accepts status code %s', (status_code) => {
    expect(reasonOf({ ...envelope, status_code })).toBe('none');
  });
});
