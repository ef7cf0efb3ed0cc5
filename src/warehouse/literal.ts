/**
 * Quote a text as an SQL string, for statements without parameters: COPY, LOCK and all DDL. The texts are days,
 * addresses and names of roles, which have no backslash. Redshift would read a backslash as an escape.
 *
 * @throws RangeError when the text has a backslash
 */
export function literal(text: string): string {
  if (text.includes('\\'))
    throw new RangeError(
      `${JSON.stringify(text)} has a backslash, which is not allowed in the SQL of Ladepuls: use a text without it`,
    );
  return `'${text.replaceAll(`'`, `''`)}'`;
}

/** Return an instant as an SQL literal of type timestamptz. */
export function instant(at: Date): string {
  return `${literal(at.toISOString().replace('T', ' ').replace('Z', '+00'))}::timestamptz`;
}

/** Quote an identifier, so that it may be a reserved word. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
