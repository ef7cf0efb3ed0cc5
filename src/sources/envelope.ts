import { z } from 'zod';
import { normaliseInteger } from '../domain/number.js';
import { attribute, nested } from './attributes.js';
import type { PageLinks } from './paging.js';
import { BadAnswer, type Envelope } from './source.js';
import { isJsonObject } from './record.js';
import { readTimestamp } from './timestamp.js';

const count = attribute(normaliseInteger);

const envelopeSchema = z.object({
  status_code: count,
  timestamp: nested,
  data: nested,
  items: nested,
  next: nested,
  next_offset: count,
  total_count: count,
});

type ReadFields = z.output<typeof envelopeSchema>;

export interface EnvelopeOptions {
  /** How to read a timestamp without an offset: as UTC (OCPI's rule), or not at all. */
  zoneless: 'utc' | 'unreadable';
  /**
   * Whether an envelope without `data` may have `items`, as those of aggregators: {items: [...], total_count,
   * next_offset} (OCPDB), {items: [...], next} (ChargeCloud's AFIR API).
   */
  hasItems: boolean;
}

/**
 * Read the envelope that OCPI and ChargeCloud share: {data: [...], status_code: 1000-1999, timestamp}.
 *
 * @throws BadAnswer with the reason `not_an_object`, `no_status_code`, `status_code_<n>`, `no_data` or
 *   `data_not_an_array`
 */
export function readOcpiEnvelope(json: unknown, { zoneless, hasItems }: EnvelopeOptions): Envelope {
  if (!isJsonObject(json))
    throw new BadAnswer('not_an_object', 'the answer is JSON, but not an object with "data"');
  const fields = envelopeSchema.parse(json);
  return {
    timestampMs: readTimestamp(fields.timestamp.value, zoneless),
    ...readStations(fields, hasItems),
    links: readLinks(fields),
  };
}

function readStations(
  { status_code, data, items }: ReadFields,
  hasItems: boolean,
): Pick<Envelope, 'stations' | 'path'> {
  const isAggregated = hasItems && data.value === null && Array.isArray(items.value);
  if (!isAggregated || status_code.value !== null) checkStatusCode(status_code.value);
  if (isAggregated) return { stations: items.value as unknown[], path: '$.items' };
  if (data.value === null) throw new BadAnswer('no_data', 'the answer has no "data"');
  if (!Array.isArray(data.value))
    throw new BadAnswer('data_not_an_array', 'the answer\'s "data" is not an array of stations');
  return { stations: data.value, path: '$.data' };
}

function readLinks({ next, next_offset, total_count }: ReadFields): PageLinks {
  const address = typeof next.value === 'string' && next.value.trim() !== '' ? next.value.trim() : null;
  return { next: address, nextOffset: next_offset.value, total: total_count.value };
}

function checkStatusCode(code: number | null): void {
  if (code === null) {
    throw new BadAnswer('no_status_code', 'the answer has no readable "status_code": expected 1000 to 1999');
  }
  if (code < 1000 || code > 1999) {
    throw new BadAnswer(`status_code_${code}`, `the answer's status_code is ${code}: expected 1000 to 1999`);
  }
}
