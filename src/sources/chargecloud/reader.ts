import { plainKey, stationNumber } from '../../domain/identity.js';
import type { OcpiReader } from '../ocpiReader.js';
import {
  connectorSchema,
  coordinatesSchema,
  openingTimesSchema,
  operatorSchema,
  pointSchema,
  stationSchema,
} from './schema.js';

export const CHARGECLOUD = 'chargecloud';

/**
 * The reader of ChargeCloud's answers. ChargeCloud's ids are unique over all feeds, and are the warehouse's keys
 * unchanged.
 */
export const chargecloudReader: OcpiReader = {
  stationIdentity({ id }) {
    const identity = stationNumber(id);
    return identity.key === null ? identity : { ...identity, sourceId: String(identity.key) };
  },
  uidField: () => 'uid',
  pointIdentity: ({ uid }) => plainKey(uid),
  connectorIdentity: ({ id }) => plainKey(id),

  stationContent(record, _station, sourceId) {
    const station = record.read(stationSchema);
    const coordinates = record.readNested(coordinatesSchema, 'coordinates');
    const operator = record.readNested(operatorSchema, 'operator');
    const openingTimes = record.readNested(openingTimesSchema, 'opening_times');
    return {
      source: CHARGECLOUD,
      source_id: sourceId,
      name: station.name,
      address: station.address,
      city: station.city,
      postal_code: station.postal_code,
      country: station.country,
      owner: station.owner,
      roaming: station.roaming,
      longitude: coordinates.longitude,
      latitude: coordinates.latitude,
      operator_name: operator.name,
      operator_hotline: operator.hotline,
      open_24_7: openingTimes.twentyfourseven,
      opening_hours: openingTimes.twentyfourseven ? null : openingTimes.regular_hours,
      directions: station.directions,
    };
  },

  pointContent(record, idCs) {
    const point = record.read(pointSchema);
    return {
      id_cs: idCs,
      source: CHARGECLOUD,
      evse_id: point.id,
      charging_station_position: point.chargingStationPosition,
      cp_position: point.chargePointPosition,
      vehicle_type: point.vehicle_type,
      floor_level: point.floor_level,
      physical_reference: point.physical_reference,
      cp_parking_space_numbers: point.chargePointParkingSpaceNumbers,
      public_comment: point.chargePointPublicComment,
      roaming: point.roaming,
      reservable: point.reservable,
      capabilities: point.capabilities,
    };
  },

  connectorContent(record, idCp) {
    const connector = record.read(connectorSchema);
    return {
      id_cp: idCp,
      source: CHARGECLOUD,
      standard: connector.standard,
      format: connector.format,
      power_type: connector.power_type,
      ampere: connector.ampere,
      voltage: connector.voltage,
      max_power: connector.max_power,
    };
  },

  parkingsensor: (evse) => evse.parkingsensor_status,
  connectorStatus: (connector) => connector.status,
};
