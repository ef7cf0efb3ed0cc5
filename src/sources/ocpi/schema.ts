import { z } from 'zod';
import {
  attribute,
  boolean,
  country,
  ignored,
  integer,
  kilowattsFromWatts,
  latitude,
  longitude,
  nested,
  openingHours,
  text,
  textSet,
} from '../attributes.js';
import { normaliseDisplayText } from './displayText.js';

/** A charging station: OCPI 2.2.1's Location, with the telephone numbers that later versions and some operators add. */
export const stationSchema = z.object({
  country_code: ignored,
  party_id: ignored,
  id: nested,
  publish: ignored,
  publish_allowed_to: ignored,
  name: text,
  address: text,
  city: text,
  postal_code: text,
  state: ignored,
  country,
  coordinates: nested,
  related_locations: ignored,
  parking_type: ignored,
  evses: nested,
  directions: attribute(normaliseDisplayText),
  operator: nested,
  suboperator: ignored,
  owner: nested,
  facilities: ignored,
  time_zone: ignored,
  opening_times: nested,
  charging_when_closed: ignored,
  images: ignored,
  energy_mix: ignored,
  last_updated: ignored,
  help_phone: text,
  phone: text,
});

export const coordinatesSchema = z.object({ latitude, longitude });

/** An operator or owner: OCPI's BusinessDetails. */
export const businessSchema = z.object({ name: text, website: ignored, logo: ignored });

export const openingTimesSchema = z.object({
  twentyfourseven: boolean,
  regular_hours: openingHours,
  exceptional_openings: ignored,
  exceptional_closings: ignored,
});

/** A charging point: OCPI's EVSE. */
export const pointSchema = z.object({
  uid: nested,
  id: text,
  evse_id: text,
  status: nested,
  status_schedule: ignored,
  capabilities: textSet,
  connectors: nested,
  floor_level: text,
  coordinates: ignored,
  physical_reference: text,
  directions: ignored,
  parking_restrictions: ignored,
  images: ignored,
  last_updated: ignored,
  phone: ignored,
});

export const connectorSchema = z.object({
  id: nested,
  /** Not part of OCPI; used when present. */
  status: nested,
  standard: text,
  format: text,
  power_type: text,
  /** V */
  max_voltage: integer,
  /** A */
  max_amperage: integer,
  /** W */
  max_electric_power: kilowattsFromWatts,
  tariff_ids: ignored,
  terms_and_conditions: ignored,
  last_updated: ignored,
});
