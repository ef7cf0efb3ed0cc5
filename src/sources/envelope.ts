import { DateTime } from 'luxon';
import { z } from 'zod';
import { normaliseInteger } from '../domain/number.js';
import { attribute, nested } from './attributes.js';
import { BadAnswer, type Envelope } from './source.js';
import { isJsonObject } from './record.js';

const envelopeSchema = z.object({
  status_code: attribute(normaliseInteger),
  timestamp: nested,
  data: nested,
});

/**
 * Read the envelope that OCPI and ChargeCloud share: {data: [...], status_code: 1000-1999, timestamp}.
 *
 * @param options.zoneless how to read a timestamp without an offset: as UTC (OCPI's rule), or not at all
 * @throws BadAnswer with the reason `not_an_object`, `no_status_code`, `status_code_<n>`, `no_data` or
 *   `data_not_an_array`
 */
export function readOcpiEnvelope(json: unknown, options: { zoneless: 'utc' | 'unreadable' }): Envelope {
  if (!isJsonObject(json))
    throw new BadAnswer('not_an_object', 'the answer is JSON, but not an object with "data"');
  const { status_code, timestamp, data } = envelopeSchema.parse(json);
  checkStatusCode(status_code.value);
  if (data.value === null) throw new BadAnswer('no_data', 'the answer has no "data"');
  if (!Array.isArray(data.value)) {
    throw new BadAnswer('data_not_an_array', 'the answer\'s "data" is not an array of stations');
  }
  return {
    timestampMs: readTimestamp(timestamp.value, options.zoneless),
    stations: data.value,
    path: '$.data',
  };
}

function checkStatusCode(code: number | null): void {
  if (code === null) {
    throw new BadAnswer('no_status_code', 'the answer has no readable "status_code": expected 1000 to 1999');
  }
  if (code < 1000 || code > 1999) {
    throw new BadAnswer(`status_code_${code}`, `the answer's status_code is ${code}: expected 1000 to 1999`);
  }
}

/**
 * Timestamps in the form of most feeds. `Date.parse` reads them as Luxon does, in a tenth of the time. Days from 29 on
 * are left to Luxon, because `Date.parse` takes February 30 for March 2.
 */
const USUAL_TIMESTAMP =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,3})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/;

function readTimestamp(raw: unknown, zoneless: 'utc' | 'unreadable'): number | null {
  if (typeof raw !== 'string') return null;
  const text = raw.trim();
  if (USUAL_TIMESTAMP.test(text)) return Date.parse(text);
  const hasOffset = /T.*(?:Z|[+-]\d\d(?::?\d\d)?)$/i.test(text);
  if (!hasOffset && (zoneless === 'unreadable' || !text.includes('T'))) return null;
  const instant = DateTime.fromISO(text, { zone: 'utc' });
  return instant.isValid ? instant.toMillis() : null;
}
