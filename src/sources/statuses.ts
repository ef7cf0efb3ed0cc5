import { KNOWN_STATUSES } from '../domain/status.js';
import type { PointReading, StationReading } from '../domain/observation.js';
import type { OcpiReader } from './ocpiReader.js';
import { MORE_ISSUES } from './fieldIssues.js';
import type { JsonObject } from './record.js';

const ORDINARY_PARKINGSENSORS: ReadonlySet<unknown> = new Set(['AVAILABLE', 'OCCUPIED', null]);

/** The fields from which a reading's statuses are taken. */
const STATUS_FIELDS: ReadonlySet<string> = new Set(['status', 'parkingsensor_status']);

/**
 * Write a station's statuses into the reading of an earlier station, which is otherwise equal. Implements
 * `Source.rereadStatuses`. Returns null, and leaves the reading unchanged, when the station must be read in full.
 *
 * A reading has the records in the answer's order, and without quarantine none is missing. Therefore records of the
 * reading and of the answer have equal indices.
 */
export function rereadStatuses(
  reader: OcpiReader,
  station: unknown,
  reading: StationReading,
): StationReading | null {
  const { points } = reading;
  if (reading.quarantined.length > 0 || points.length === 0) return null;
  // Otherwise issues about the earlier statuses would stay in the reading.
  if (reading.fieldIssues.some(({ field, reason }) => STATUS_FIELDS.has(field) || reason === MORE_ISSUES))
    return null;
  const evses = (station as { evses: JsonObject[] }).evses;
  if (evses.length !== points.length) return null;
  for (let i = 0; i < evses.length; i++) if (!isOrdinary(reader, at(evses, i), at(points, i))) return null;
  for (let i = 0; i < evses.length; i++) write(reader, at(evses, i), at(points, i));
  return reading;
}

/**
 * Return whether no status needs normalisation or causes an issue. An unchanged status needs no further check, which is
 * the case for nearly all of them.
 */
function isOrdinary(reader: OcpiReader, evse: JsonObject, point: PointReading): boolean {
  if (evse.status !== point.status && !KNOWN_STATUSES.has(evse.status)) return false;
  const sensor = reader.parkingsensor(evse) ?? null;
  if (sensor !== point.parkingsensor && !ORDINARY_PARKINGSENSORS.has(sensor)) return false;
  const count = point.connectors.length;
  if (count === 0) return true;
  const connectors = evse.connectors as JsonObject[];
  if (connectors.length !== count) return false;
  let agrees = false;
  for (let i = 0; i < count; i++) {
    const status = reader.connectorStatus(at(connectors, i), evse);
    if (status !== at(point.connectors, i).status && !KNOWN_STATUSES.has(status)) return false;
    agrees ||= status === evse.status;
  }
  return agrees;
}

/** Write the statuses. Requires {@link isOrdinary}: the statuses are then already in normal form. */
function write(reader: OcpiReader, evse: JsonObject, point: PointReading): void {
  point.status = evse.status as string;
  point.parkingsensor = (reader.parkingsensor(evse) ?? null) as string | null;
  const connectors = evse.connectors as JsonObject[];
  for (let i = 0; i < point.connectors.length; i++) {
    at(point.connectors, i).status = reader.connectorStatus(at(connectors, i), evse) as string;
  }
}

/** Return an element that is known to exist. */
function at<T>(list: readonly T[], index: number): T {
  return list[index] as T;
}
