import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromSpreadsheetText, spreadsheetText, spreadsheetValue } from '../../src/domain/spreadsheet.js';

describe('a text for spreadsheets', () => {
  it.each([
    ['=HYPERLINK("http://evil/")', `'=HYPERLINK("http://evil/")`],
    ['+49 221 1', "'+49 221 1"],
    ['-Mitte', "'-Mitte"],
    ['-2+3', "'-2+3"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t'=1"],
    ['\r=1', "'\r'=1"],
    ['＝1', "'＝1"],
    ["'=1", "''=1"],
    ['Köln;=1', "Köln;'=1"],
    ['Köln,"=1"', `Köln,"'=1"`],
    ["-5,2*cmd|'/C calc'!A0", "'-5,2*cmd|'/C calc'!A0"],
    ['-5;2', "'-5;2"],
    ['-5\t=1', "'-5\t'=1"],
    ['-5\n', "'-5\n"],
    ['-5,-6.5', "'-5,'-6.5"],
  ])('%j begins no formula as %j, and comes back', (text, safe) => {
    expect(spreadsheetText(text)).toBe(safe);
    expect(fromSpreadsheetText(safe)).toBe(text);
  });

  it.each(['', '-5.2', '-7', '-1.5e-7', '-2E+3', 'Köln-Mitte', "'t Hof", 'a=b', 'a; -b', "O'Neil"])(
    '%j stays as it is',
    (text) => {
      expect(spreadsheetText(text)).toBe(text);
      expect(fromSpreadsheetText(text)).toBe(text);
    },
  );

  it('is text: numbers, truths and nulls stay what they are', () => {
    expect([-5.2, true, null, '=1'].map(spreadsheetValue)).toEqual([-5.2, true, null, "'=1"]);
  });
});

const hostile = fc.string({
  unit: fc.constantFrom(
    ...['=', '+', '-', '@', '\t', '\r', '\n', "'", '"', ',', ';', '1', '.', ' ', 'a', 'e', '＝'],
  ),
});

it('no cell begins a formula, however the text is divided, and every text comes back', () => {
  fc.assert(
    fc.property(fc.oneof(hostile, fc.string({ unit: 'binary' })), (text) => {
      const safe = spreadsheetText(text);
      expect(fromSpreadsheetText(safe)).toBe(text);
      if (/^-[\d.e+-]+$/.test(text) && Number.isFinite(Number(text))) return;
      for (const separator of [/[,\r\n]/, /[;\r\n]/, /[\t\r\n]/, /[,;\t\r\n]/])
        for (const cell of safe.split(separator).map((part) => part.replace(/^"+/, '')))
          expect(cell).not.toMatch(/^[=+\-@＝]/);
    }),
    { numRuns: 2_000 },
  );
});
