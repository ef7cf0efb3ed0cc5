/** Length to which a header `Content-Type` is cut. Real ones are shorter than 50 characters. */
const MAX_LENGTH = 200;

const CHARSET = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;"]+))/i;

/**
 * Return the header `Content-Type` in the form in which it is stored and read: cut to 200 characters; undefined without
 * the header.
 */
export function contentTypeOf(headers: { 'content-type'?: string }): string | undefined {
  return headers['content-type']?.slice(0, MAX_LENGTH);
}

/**
 * Return the charset that a Content-Type names, as it is written; null without one.
 *
 * @example charsetOf('application/json; charset=ISO-8859-1') // 'ISO-8859-1'
 */
export function charsetOf(contentType: string | undefined): string | null {
  const [, quoted, plain] = CHARSET.exec(contentType ?? '') ?? [];
  return (quoted ?? plain)?.trim() || null;
}
