/**
 * A text as a string of SQL, for statements that take no parameters: COPY, LOCK and all DDL. Redshift reads backslashes
 * in strings as escapes; what goes in here, such as days, addresses and names of roles, has none.
 *
 * @throws RangeError for a text with a backslash
 */
export function literal(text: string): string {
  if (text.includes('\\'))
    throw new RangeError(`${JSON.stringify(text)} has a backslash, which no statement may have`);
  return `'${text.replaceAll(`'`, `''`)}'`;
}

/** An instant as SQL. */
export function instant(at: Date): string {
  return `${literal(at.toISOString().replace('T', ' ').replace('Z', '+00'))}::timestamptz`;
}

/** A name in quotes, so that it may be a reserved word. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
