import type { CsvValue } from './csv.js';

/** What a cell begins with that a spreadsheet takes for a formula: OWASP's list, its full-width forms included. */
const BEGINNINGS = '=+\\-@\\t\\r\\n＝＋－＠';
/**
 * Where a cell may begin in a text: at its start, and behind what some spreadsheet takes for a separator, whatever this
 * file's own is. Opened by a double click, a German Excel divides at semicolons.
 */
const CELL = '(?<=(?:^|[,;\\t\\r\\n])"*)';
/**
 * A text that is a number as a whole is harmless, and stays a number. Behind the first digits of `-5,2*A1` no cell ends where
 * a comma is the decimal sign.
 */
const NUMBER = /^-\d+(?:\.\d+)?(?:e[+-]?\d+)?$/iu;

const MADE_SAFE = new RegExp(`${CELL}'*(?=[${BEGINNINGS}])`, 'gu');
const SAFE = new RegExp(`${CELL}'+(?=[${BEGINNINGS}])`, 'gu');

/**
 * Makes a text harmless for spreadsheets: where a cell would begin as a formula, an apostrophe comes before. A number stays.
 *
 * @example
 * spreadsheetText('=1+1') // "'=1+1"
 * spreadsheetText('-5.2') // '-5.2'
 */
export function spreadsheetText(text: string): string {
  return NUMBER.test(text) ? text : text.replaceAll(MADE_SAFE, "$&'");
}

/** The text that {@link spreadsheetText} made this of. A text that nobody made safe stays as it is. */
export function fromSpreadsheetText(text: string): string {
  return text.replaceAll(SAFE, (apostrophes) => apostrophes.slice(1));
}

/** A value of a CSV file that people open in a spreadsheet: texts are made harmless, all else stays. */
export function spreadsheetValue(value: CsvValue): CsvValue {
  return typeof value === 'string' ? spreadsheetText(value) : value;
}
