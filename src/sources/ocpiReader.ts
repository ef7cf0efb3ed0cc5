import type { Identity } from '../domain/identity.js';
import type { ConnectorContent, Known, PointContent, StationContent } from '../domain/masterData.js';
import type { JsonObject, RecordReader } from './record.js';

/** The identity of a station that was read from its id. */
export type StationIdentity =
  { key: number; sourceId: string; trouble: null } | { key: null; trouble: 'missing' | 'bad' };

/**
 * The differences between sources whose answers have the structure of OCPI: stations with `evses` with `connectors`.
 * Everything else is common to them: iterating over a station, the quarantine, and the counts.
 */
export interface OcpiReader {
  /** Return the field that holds a charging point's uid. */
  uidField(evse: JsonObject): string;
  stationIdentity(station: JsonObject): StationIdentity;
  pointIdentity(evse: JsonObject): Identity<string>;
  /** @param idCp the key of the connector's charging point */
  connectorIdentity(connector: JsonObject, idCp: string): Identity<string>;
  stationContent(record: RecordReader, station: JsonObject, sourceId: string): Known<StationContent>;
  pointContent(record: RecordReader, idCs: number): Known<PointContent>;
  connectorContent(record: RecordReader, idCp: string): Known<ConnectorContent>;
  /** Return the parking sensor's status as the feed writes it; undefined when the source has no parking sensors. */
  parkingsensor(evse: JsonObject): unknown;
  /** Return the connector's status as the feed writes it, or the value that replaces it in this source. */
  connectorStatus(connector: JsonObject, evse: JsonObject): unknown;
}
