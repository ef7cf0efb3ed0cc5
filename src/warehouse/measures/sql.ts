import { identifier, instant, literal } from '../literal.js';

/** A piece of SQL that stands for a parameter as it is, such as a table's name. It never holds data. */
export class Sql {
  constructor(readonly text: string) {}
}

/** What a parameter stands for: data, names of columns as SQL lists them, or {@link Sql}. */
export type Value = string | number | boolean | Date | null | readonly string[] | Sql;
export type Parameters = Readonly<Record<string, Value>>;

/**
 * Strings, quoted names and comments, in which nothing is looked for; the end of a statement; a cast; and a parameter, such
 * as `:day`. A list of columns may have a prefix for each: `run.:columns`.
 */
const TOKEN = /'(?:[^']|'')*'|"[^"]*"|--[^\n]*|;|::|((?:\w+|\(\w+\))\.)?:([a-z]\w*)/g;

/** Splits the text of a file into its statements, without comments. */
export function splitStatements(text: string): string[] {
  return text
    .replaceAll(TOKEN, (token) => (token.startsWith('--') ? '' : token === ';' ? '\0' : token))
    .split('\0')
    .map((statement) => statement.replaceAll(/\n\s*\n/g, '\n').trim())
    .filter((statement) => statement !== '');
}

/**
 * Writes a statement's parameters into it, data as literals: DDL takes no other, and Redshift leaves blocks out by constants.
 *
 * @throws RangeError for a parameter that there is not, and for a text with a backslash, which Redshift reads as an escape
 */
export function bind(statement: string, parameters: Parameters): string {
  return statement.replaceAll(TOKEN, (token, prefix: string | undefined, name: string | undefined) => {
    if (name === undefined) return token;
    const value = parameters[name];
    if (value === undefined) throw new RangeError(`no parameter :${name} is known to: ${statement}`);
    return written(value, prefix ?? '');
  });
}

function written(value: Value, prefix: string): string {
  if (value instanceof Sql) return prefix + value.text;
  if (isColumns(value)) return value.map((column) => prefix + identifier(column)).join(', ');
  if (value instanceof Date) return instant(value);
  return typeof value === 'string' ? literal(value) : String(value);
}

/** `Array.isArray` does not tell a list that can't be changed from others. */
function isColumns(value: Value): value is readonly string[] {
  return Array.isArray(value);
}
