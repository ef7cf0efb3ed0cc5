import { readOcpiEnvelope } from '../envelope.js';
import type { Source } from '../source.js';
import { countRecords, readStation } from '../station.js';
import { rereadStatuses } from '../statuses.js';
import { updatedMs } from './lastUpdated.js';
import { OCPI, ocpiReader } from './reader.js';

/** OCPI 2.2.1 Locations, in one page or several. Every feed needs an address of its own. */
export const ocpi: Source = {
  name: OCPI,
  defaultUrl: () => null,
  stationsKeys: ['data', 'items'],
  readEnvelope: (json) => readOcpiEnvelope(json, { zoneless: 'utc', hasItems: true }),
  countRecords,
  readStation: (station, path) => readStation(ocpiReader, station, path),
  updatedMs,
  volatileKeys: new Set(['status', 'status_schedule', 'last_updated']),
  rereadStatuses: (station, reading) => rereadStatuses(ocpiReader, station, reading),
};
