import { completing, CONNECTOR, POINT, STATION } from '../domain/masterData.js';
import { normaliseStatus, UNLIKE_CONNECTORS } from '../domain/status.js';
import { cutText, normaliseText } from '../domain/text.js';
import { fitText } from '../domain/textBytes.js';
import type {
  ConnectorReading,
  Entity,
  PointReading,
  Quarantined,
  StationReading,
} from '../domain/observation.js';
import type { OcpiReader } from './ocpiReader.js';
import { FieldIssues } from './fieldIssues.js';
import { isJsonObject, type JsonObject, RecordReader } from './record.js';

const MAX_QUARANTINED_ID_LENGTH = 120;

const completeStation = completing(STATION);
const completePoint = completing(POINT);
const completeConnector = completing(CONNECTOR);

/** Read a station of an answer. Implements `Source.readStation`. */
export function readStation(reader: OcpiReader, station: unknown, path: string): StationReading {
  return new StationWalk(reader).station(station, path);
}

/** Count the records that {@link readStation} visits. Implements `Source.countRecords`. */
export function countRecords(station: unknown): number {
  let records = 1;
  for (const evse of elementsOf(station, 'evses')) records += 1 + elementsOf(evse, 'connectors').length;
  return records;
}

function elementsOf(json: unknown, field: string): unknown[] {
  const value = isJsonObject(json) ? json[field] : null;
  return Array.isArray(value) ? value : [];
}

/**
 * The reading of one station. Every charging point and connector that is counted is either returned with a status, or
 * quarantined once.
 */
class StationWalk {
  private readonly quarantined: Quarantined[] = [];
  private readonly fieldIssues = new FieldIssues();
  private pointsRead = 0;
  private connectorsRead = 0;

  constructor(private readonly reader: OcpiReader) {}

  station(json: unknown, path: string): StationReading {
    if (!isJsonObject(json)) {
      this.quarantine('station', null, path, 'not_an_object');
      return this.reading(null, null, []);
    }
    const identity = this.reader.stationIdentity(json);
    if (identity.key === null) {
      this.quarantine('station', json.id, `${path}.id`, `${identity.trouble}_id`);
      this.abandonPoints(json.evses, `${path}.evses`);
      return this.reading(null, null, []);
    }
    const record = new RecordReader('station', String(identity.key), path, json, this.fieldIssues);
    const known = this.reader.stationContent(record, json, identity.sourceId);
    const content = record.fit(completeStation(known));
    const points = this.list(record, 'evses', json.evses, 'no_charging_points').map((evse, index) =>
      this.point(evse, `${path}.evses[${index}]`, identity.key),
    );
    return this.reading(
      identity.key,
      content,
      points.filter((point) => point !== null),
    );
  }

  private reading(
    id_cs: number | null,
    content: StationReading['content'],
    points: PointReading[],
  ): StationReading {
    const { quarantined, pointsRead, connectorsRead } = this;
    const fieldIssues = this.fieldIssues.found;
    return { id_cs, content, points, quarantined, fieldIssues, pointsRead, connectorsRead };
  }

  private point(json: unknown, path: string, idCs: number): PointReading | null {
    this.pointsRead++;
    if (!isJsonObject(json)) return this.quarantine('charging_point', null, path, 'not_an_object');
    const { reader: reader } = this;
    const { key, trouble } = reader.pointIdentity(json);
    if (key === null) {
      const field = reader.uidField(json);
      this.quarantine('charging_point', json[field], `${path}.${field}`, `${trouble}_uid`);
      this.abandonConnectors(json.connectors, `${path}.connectors`);
      return null;
    }
    const record = new RecordReader('charging_point', key, path, json, this.fieldIssues);
    const status = this.status(record, json.status);
    const parkingsensor = this.parkingsensor(record, reader.parkingsensor(json));
    const content = record.fit(completePoint(reader.pointContent(record, idCs)));
    const connectors = this.list(record, 'connectors', json.connectors, 'no_connectors').map(
      (connector, index) => this.connector(connector, `${path}.connectors[${index}]`, key, json),
    );
    const read = connectors.filter((connector) => connector !== null);
    if (status !== null && read.length > 0 && !read.some((connector) => connector.status === status))
      record.report('status', [{ reason: UNLIKE_CONNECTORS, at: '', raw: status }]);
    return { id_cp: key, status, parkingsensor, content, connectors: read };
  }

  private connector(json: unknown, path: string, idCp: string, evse: JsonObject): ConnectorReading | null {
    this.connectorsRead++;
    if (!isJsonObject(json)) return this.quarantine('connector', null, path, 'not_an_object');
    const { key, trouble } = this.reader.connectorIdentity(json, idCp);
    if (key === null) return this.quarantine('connector', json.id, `${path}.id`, `${trouble}_id`);
    const record = new RecordReader('connector', key, path, json, this.fieldIssues);
    const status = this.status(record, this.reader.connectorStatus(json, evse));
    const content = record.fit(completeConnector(this.reader.connectorContent(record, idCp)));
    return { id_connector: key, status, content };
  }

  private status(record: RecordReader, raw: unknown): string | null {
    const { value, issues } = normaliseStatus(raw);
    if (value !== null) record.report('status', issues);
    else
      this.quarantine(record.entity, record.id, `${record.path}.status`, issues[0]?.reason ?? 'bad_status');
    return value;
  }

  private parkingsensor(record: RecordReader, raw: unknown): string | null {
    const { value, issues } = normaliseText(raw);
    record.report('parkingsensor_status', issues);
    const fitted = value === null ? null : fitText('status_parkingsensor', value);
    if (fitted !== value) record.report('parkingsensor_status', [{ reason: 'too_long', at: '', raw }]);
    return fitted;
  }

  private list(record: RecordReader, field: string, raw: unknown, reasonWhenEmpty: string): unknown[] {
    if (Array.isArray(raw) && raw.length > 0) return raw;
    const isList = Array.isArray(raw) || raw === null || raw === undefined;
    record.report(field, [{ reason: isList ? reasonWhenEmpty : 'not_an_array', at: '', raw }]);
    return [];
  }

  private abandonPoints(evses: unknown, path: string): void {
    if (!Array.isArray(evses)) return;
    evses.forEach((evse: unknown, index) => {
      this.pointsRead++;
      const json = isJsonObject(evse) ? evse : {};
      this.quarantine(
        'charging_point',
        json[this.reader.uidField(json)],
        `${path}[${index}]`,
        'parent_unidentified',
      );
      this.abandonConnectors(json.connectors, `${path}[${index}].connectors`);
    });
  }

  private abandonConnectors(connectors: unknown, path: string): void {
    if (!Array.isArray(connectors)) return;
    connectors.forEach((connector: unknown, index) => {
      this.connectorsRead++;
      const id = isJsonObject(connector) ? connector.id : null;
      this.quarantine('connector', id, `${path}[${index}]`, 'parent_unidentified');
    });
  }

  /** @param id a key, or an id as the feed writes it */
  private quarantine(entity: Entity, id: unknown, path: string, reason: string): null {
    const text = typeof id === 'string' || typeof id === 'number' ? normaliseText(String(id)).value : null;
    this.quarantined.push({ entity, id: text && cutText(text, MAX_QUARANTINED_ID_LENGTH), path, reason });
    return null;
  }
}
