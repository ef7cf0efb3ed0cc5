import fc from 'fast-check';
import { expect, it } from 'vitest';
import { csvLine, type CsvValue, timestamp } from '../../src/domain/csv.js';
import { parseCsv } from '../cleaning/support/flatFiles.js';

/** Texts that are difficult in delimited files. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('"', ',', ';', '\n', '\r', '\t', ' ', '\\', '.', 'ß', '🔌', 'a') }),
  fc.constantFrom('', '""', '\\.', '\\N', 'NULL', '\r\n', '\ufeff', '-', '=1+1', '🚗⚡'),
);
const value = fc.oneof(text, fc.constant(null), fc.integer(), fc.boolean(), fc.double({ noNaN: true }));

it('every value comes back from a CSV library as it was, null told from the empty text', () => {
  const property = fc.property(fc.array(fc.tuple(value, value, value)), (rows) => {
    const csv = rows.reduce((lines, row) => lines + csvLine(row), 'a,b,c\n');
    const parsed = parseCsv(csv).map(({ a, b, c }) => [a, b, c]);
    expect(parsed).toEqual(rows.map((row) => row.map(asText)));
  });
  fc.assert(property, { numRuns: 500 });
});

it('a lone backslash and dot is in quotes: it once ended a COPY', () => {
  expect(csvLine(['\\.'])).toBe('"\\."\n');
});

it('an instant is ISO 8601 in UTC, to the millisecond', () => {
  expect(timestamp(Date.UTC(2022, 0, 11, 20, 58, 24, 7))).toBe('2022-01-11T20:58:24.007Z');
});

function asText(value: CsvValue): string | null {
  return value === null ? null : String(value);
}
