import { identifier, instant, literal } from '../literal.js';

/**
 * A fragment of SQL as the value of a parameter, such as a table's name. It is inserted unchanged and never holds data.
 */
export class Sql {
  constructor(readonly text: string) {}
}

/** Value of a parameter: data, a list of column names, or {@link Sql}. */
export type Value = string | number | boolean | Date | null | readonly string[] | Sql;
export type Parameters = Readonly<Record<string, Value>>;

/**
 * Tokens of a statement: strings, quoted names and comments, whose text is skipped; the end of a statement; a cast; and
 * a parameter, such as `:day`. A parameter with a list of columns may have a prefix, which is added to each column:
 * `span.:columns`.
 */
const TOKEN = /'(?:[^']|'')*'|"[^"]*"|--[^\n]*|;|::|((?:\w+|\(\w+\))\.)?:([a-z]\w*)/g;

/** Split the text of a file into its statements, without comments. */
export function splitStatements(text: string): string[] {
  return text
    .replaceAll(TOKEN, (token) => (token.startsWith('--') ? '' : token === ';' ? '\0' : token))
    .split('\0')
    .map((statement) => statement.replaceAll(/\n\s*\n/g, '\n').trim())
    .filter((statement) => statement !== '');
}

/**
 * Insert the values of a statement's parameters into its text, data as literals. DDL accepts no other parameters, and
 * Redshift skips blocks only by constants.
 *
 * @throws RangeError when `parameters` lacks a parameter of the statement, or a text has a backslash, which Redshift
 *   reads as an escape
 */
export function bind(statement: string, parameters: Parameters): string {
  return statement.replaceAll(TOKEN, (token, prefix: string | undefined, name: string | undefined) => {
    if (name === undefined) return token;
    const value = parameters[name];
    if (value === undefined)
      throw new RangeError(
        `Internal error: the caller gave no value for the parameter :${name} of this statement: ${statement}`,
      );
    return written(value, prefix ?? '');
  });
}

function written(value: Value, prefix: string): string {
  if (value instanceof Sql) return prefix + value.text;
  if (isColumns(value)) return value.map((column) => prefix + identifier(column)).join(', ');
  if (value instanceof Date) return instant(value);
  return typeof value === 'string' ? literal(value) : String(value);
}

/** Test for a list of columns. `Array.isArray` alone does not narrow the type to a read-only array. */
function isColumns(value: Value): value is readonly string[] {
  return Array.isArray(value);
}
