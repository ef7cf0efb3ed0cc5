import { readOcpiEnvelope } from '../envelope.js';
import type { Source } from '../source.js';
import { countRecords, readStation } from '../station.js';
import { rereadStatuses } from '../statuses.js';
import { CHARGECLOUD, chargecloudReader } from './reader.js';

/** ChargeCloud's public POI API: one address per feed, without API key and paging. */
export const chargecloud: Source = {
  name: CHARGECLOUD,
  defaultUrl: (feed, settings) => `${settings.chargecloudUrl}/${encodeURIComponent(feed)}`,
  stationsKeys: ['data'],
  readEnvelope: (json) => readOcpiEnvelope(json, { zoneless: 'unreadable', hasItems: false }),
  countRecords,
  readStation: (station, path) => readStation(chargecloudReader, station, path),
  updatedMs: () => null,
  volatileKeys: new Set(['status', 'parkingsensor_status']),
  rereadStatuses: (station, reading) => rereadStatuses(chargecloudReader, station, reading),
};
