import { z } from 'zod';
import {
  boolean,
  country,
  ignored,
  integer,
  latitude,
  longitude,
  nested,
  openingHours,
  text,
  textSet,
} from '../attributes.js';

/** A charging station: the fields of 2022, and the fields that were added by 2024. */
export const stationSchema = z.object({
  id: nested,
  name: text,
  address: text,
  city: text,
  postal_code: text,
  country,
  directions: text,
  coordinates: nested,
  /** Always "0". */
  distance_in_m: ignored,
  operator: nested,
  opening_times: nested,
  owner: text,
  roaming: boolean,
  evses: nested,
  /** 2024 */
  status: ignored,
  /** 2024 */
  comment: ignored,
  /** 2024 */
  tariffZones: ignored,
});

export const coordinatesSchema = z.object({ latitude, longitude });

export const operatorSchema = z.object({
  name: text,
  hotline: text,
  /** 2024 */
  operatorId: ignored,
});

export const openingTimesSchema = z.object({ twentyfourseven: boolean, regular_hours: openingHours });

/** A charging point. */
export const pointSchema = z.object({
  uid: nested,
  /** The EVSE-ID. Operators change it. */
  id: text,
  status: nested,
  capabilities: textSet,
  physical_reference: text,
  floor_level: text,
  vehicle_type: text,
  chargePointPosition: text,
  chargePointParkingSpaceNumbers: text,
  chargePointPublicComment: text,
  chargingStationPosition: text,
  /** Absent when there is no sensor. */
  parkingsensor_status: nested,
  roaming: boolean,
  connectors: nested,
  /** 2024 */
  reservable: boolean,
});

export const connectorSchema = z.object({
  id: nested,
  status: nested,
  standard: text,
  format: text,
  power_type: text,
  /** A, as text. */
  ampere: integer,
  /** V, as text. */
  voltage: integer,
  /** Whole kW. */
  max_power: integer,
  /** Always null. */
  tariff_id: ignored,
});
