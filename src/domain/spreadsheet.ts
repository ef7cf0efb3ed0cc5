import type { CsvValue } from './csv.js';

/**
 * Characters at the start of a cell that make a spreadsheet read it as a formula: OWASP's list, with full-width forms.
 */
const BEGINNINGS = '=+\\-@\\t\\r\\n＝＋－＠';
/**
 * Positions in a text where a cell may begin: at its start, and after any character that a spreadsheet may use as a
 * separator, even if this file uses another one. A German Excel splits at semicolons when a file is opened by double
 * click.
 */
const CELL = '(?<=(?:^|[,;\\t\\r\\n])"*)';
/**
 * A text that is completely a number is harmless and stays unchanged. `-5,2*A1` does not match: where a comma is the
 * decimal sign, no cell ends after its first digits.
 */
const NUMBER = /^-\d+(?:\.\d+)?(?:e[+-]?\d+)?$/iu;

const MADE_SAFE = new RegExp(`${CELL}'*(?=[${BEGINNINGS}])`, 'gu');
const SAFE = new RegExp(`${CELL}'+(?=[${BEGINNINGS}])`, 'gu');

/**
 * Make a text harmless for spreadsheets: put an apostrophe where a cell would begin as a formula. Numbers are
 * unchanged.
 *
 * @example
 * spreadsheetText('=1+1') // "'=1+1"
 * spreadsheetText('-5.2') // '-5.2'
 */
export function spreadsheetText(text: string): string {
  return NUMBER.test(text) ? text : text.replaceAll(MADE_SAFE, "$&'");
}

/** Reverse {@link spreadsheetText}. A text without added apostrophes is unchanged. */
export function fromSpreadsheetText(text: string): string {
  return text.replaceAll(SAFE, (apostrophes) => apostrophes.slice(1));
}

/** Make a value of a CSV file harmless for spreadsheets. Only texts are changed. */
export function spreadsheetValue(value: CsvValue): CsvValue {
  return typeof value === 'string' ? spreadsheetText(value) : value;
}
