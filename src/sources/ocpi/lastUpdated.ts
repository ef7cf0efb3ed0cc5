import { readTimestamp } from '../timestamp.js';
import { isJsonObject } from '../record.js';

/** Return the latest `last_updated` of a Location and its EVSEs. Implements `Source.updatedMs`. */
export function updatedMs(station: unknown): number | null {
  if (!isJsonObject(station)) return null;
  const evses: unknown[] = Array.isArray(station.evses) ? station.evses : [];
  const times = [station, ...evses].map((record) =>
    isJsonObject(record) ? readTimestamp(record.last_updated, 'utc') : null,
  );
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : known.reduce((latest, time) => Math.max(latest, time));
}
