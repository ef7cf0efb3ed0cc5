import { DateTime } from 'luxon';

/**
 * Read an instant in the form of ISO 8601, in milliseconds since the epoch; null when it has another form.
 *
 * @param zoneless how to read an instant without an offset: as UTC (OCPI's rule), or not at all
 */
export function readTimestamp(raw: unknown, zoneless: 'utc' | 'unreadable'): number | null {
  if (typeof raw !== 'string') return null;
  const text = raw.trim();
  const hasOffset = /T.*(?:Z|[+-]\d\d(?::?\d\d)?)$/i.test(text);
  if (!hasOffset && (zoneless === 'unreadable' || !text.includes('T'))) return null;
  const instant = DateTime.fromISO(text, { zone: 'utc' });
  return instant.isValid ? instant.toMillis() : null;
}
