import type { Identity } from '../domain/identity.js';
import type { ConnectorContent, Known, PointContent, StationContent } from '../domain/masterData.js';
import type { JsonObject, RecordReader } from './record.js';

/** What the key of a station's content leaves to be read. */
export type StationIdentity =
  { key: number; sourceId: string; trouble: null } | { key: null; trouble: 'missing' | 'bad' };

/**
 * What differs between the dialects of OCPI, all of which answer with stations that have `evses` that
 * have `connectors`. The walk through a station, the quarantine and the counts are the same for all.
 */
export interface Dialect {
  /** The field that holds a charging point's uid. */
  uidField(evse: JsonObject): string;
  stationIdentity(station: JsonObject): StationIdentity;
  pointIdentity(evse: JsonObject): Identity<string>;
  /** @param idCp the key of the charging point that the connector belongs to */
  connectorIdentity(connector: JsonObject, idCp: string): Identity<string>;
  stationContent(record: RecordReader, station: JsonObject, sourceId: string): Known<StationContent>;
  pointContent(record: RecordReader, idCs: number): Known<PointContent>;
  connectorContent(record: RecordReader, idCp: string): Known<ConnectorContent>;
  /** The parking sensor's status as the feed writes it; undefined where this dialect has none. */
  parkingsensor(evse: JsonObject): unknown;
  /** The connector's status as the feed writes it, or what stands for it. */
  connectorStatus(connector: JsonObject, evse: JsonObject): unknown;
}
