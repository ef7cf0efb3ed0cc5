import { foreignId, hashedStationNumber, type Identity } from '../../domain/identity.js';
import { normaliseText } from '../../domain/text.js';
import type { OcpiReader } from '../ocpiReader.js';
import { isJsonObject, type JsonObject } from '../record.js';
import {
  businessSchema,
  connectorSchema,
  coordinatesSchema,
  openingTimesSchema,
  pointSchema,
  stationSchema,
} from './schema.js';

export const OCPI = 'ocpi';

const MAX_ID_LENGTH = 120;
const MAX_CONNECTOR_ID_LENGTH = 64;

/**
 * The separator in a connector's key, `ocpi:<uid>~<connector id>`, which is needed because a connector's id is unique
 * only within its charging point. A connector id contains no `~`. Therefore the last `~` in a key is always the
 * separator, whatever the uid contains, and two connectors never have the same key. `~` needs no escape in a URL.
 */
const CONNECTOR_SEPARATOR = '~';

/** The reader of OCPI 2.2.1's Locations. Ids are texts that the operator chooses. Connectors have no status. */
export const ocpiReader: OcpiReader = {
  stationIdentity({ id }) {
    const { key, trouble } = foreignId(id, { maxLength: MAX_ID_LENGTH });
    if (key === null) return { key, trouble };
    return { key: hashedStationNumber(OCPI, key), sourceId: key, trouble };
  },
  uidField,
  pointIdentity(evse) {
    return prefixed(foreignId(evse[uidField(evse)], { maxLength: MAX_ID_LENGTH }), `${OCPI}:`);
  },
  connectorIdentity({ id }, idCp) {
    const own = foreignId(id, { maxLength: MAX_CONNECTOR_ID_LENGTH, without: CONNECTOR_SEPARATOR });
    return prefixed(own, idCp + CONNECTOR_SEPARATOR);
  },

  stationContent(record, json, sourceId) {
    const station = record.read(stationSchema);
    const coordinates = record.readNested(coordinatesSchema, 'coordinates');
    const openingTimes = record.readNested(openingTimesSchema, 'opening_times');
    return {
      source: OCPI,
      source_id: sourceId,
      name: station.name,
      address: station.address,
      city: station.city,
      postal_code: station.postal_code,
      country: station.country,
      owner: record.readNested(businessSchema, 'owner').name,
      longitude: coordinates.longitude,
      latitude: coordinates.latitude,
      operator_name: record.readNested(businessSchema, 'operator').name,
      operator_hotline: station.help_phone ?? station.phone ?? commonPhone(json.evses),
      open_24_7: openingTimes.twentyfourseven,
      opening_hours: openingTimes.twentyfourseven ? null : openingTimes.regular_hours,
      directions: station.directions,
    };
  },

  pointContent(record, idCs) {
    const point = record.read(pointSchema);
    return {
      id_cs: idCs,
      source: OCPI,
      evse_id: point.evse_id ?? point.id,
      floor_level: point.floor_level,
      physical_reference: point.physical_reference,
      capabilities: point.capabilities,
    };
  },

  connectorContent(record, idCp) {
    const connector = record.read(connectorSchema);
    return {
      id_cp: idCp,
      source: OCPI,
      standard: connector.standard,
      format: connector.format,
      power_type: connector.power_type,
      ampere: connector.max_amperage,
      voltage: connector.max_voltage,
      max_power: connector.max_electric_power,
    };
  },

  parkingsensor: () => undefined,
  connectorStatus: (connector, evse) => connector.status ?? evse.status,
};

/** Return the field with the uid. Some feeds publish EVSEs without a uid; then the EVSE-ID is used. */
function uidField(evse: JsonObject): string {
  return ['uid', 'id', 'evse_id'].find((field) => (evse[field] ?? null) !== null) ?? 'uid';
}

function prefixed(id: Identity<string>, prefix: string): Identity<string> {
  return id.key === null ? id : { key: prefix + id.key, trouble: null };
}

/** Return the telephone number of the charging points; null when they have none or several. */
function commonPhone(evses: unknown): string | null {
  const phones = new Set<string>();
  for (const evse of Array.isArray(evses) ? (evses as unknown[]) : []) {
    const phone = isJsonObject(evse) ? normaliseText(evse.phone).value : null;
    if (phone !== null) phones.add(phone);
  }
  const [phone, another] = phones;
  return another === undefined ? (phone ?? null) : null;
}
