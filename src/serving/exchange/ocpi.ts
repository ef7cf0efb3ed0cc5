import { z } from 'zod';
import type { OpeningPeriod } from '../../domain/observation.js';
import { alpha3 } from '../../domain/country.js';
import { CONNECTOR_FORMATS, CONNECTOR_STANDARDS, POWER_TYPES, STATUSES } from '../../domain/ocpi.js';
import { cutText } from '../../domain/text.js';
import type { Location } from '../../warehouse/queries/locations.js';

/**
 * Schemas of the Locations module of OCPI 2.2.1-d2 as sent by this API: https://evroaming.org/ocpi-downloads/, chapter
 * 8. A connector, EVSE or Location that lacks a required property is omitted, because the format can't say "not known".
 */

/** Values of Capability (OCPI 2.2.1-d2, section 8.4.4). */
const CAPABILITIES = [
  'CHARGING_PROFILE_CAPABLE',
  'CHARGING_PREFERENCES_CAPABLE',
  'CHIP_CARD_SUPPORT',
  'CONTACTLESS_CARD_SUPPORT',
  'CREDIT_CARD_PAYABLE',
  'DEBIT_CARD_PAYABLE',
  'PED_TERMINAL',
  'REMOTE_START_STOP_CAPABLE',
  'RESERVABLE',
  'RFID_READER',
  'START_SESSION_CONNECTOR_REQUIRED',
  'TOKEN_GROUP_CAPABLE',
  'UNLOCK_CAPABLE',
] as const;

const dateTime = z.iso.datetime();

const connectorSchema = z.object({
  id: z.string().max(36),
  standard: z.enum(CONNECTOR_STANDARDS),
  format: z.enum(CONNECTOR_FORMATS),
  power_type: z.enum(POWER_TYPES),
  max_voltage: z.int().positive(),
  max_amperage: z.int().positive(),
  max_electric_power: z.int().positive().optional(),
  last_updated: dateTime,
});

export const evseSchema = z.object({
  uid: z.string().max(36),
  evse_id: z.string().max(48).optional(),
  status: z.enum(STATUSES),
  capabilities: z.array(z.enum(CAPABILITIES)).optional(),
  connectors: z.array(connectorSchema).min(1),
  floor_level: z.string().max(4).optional(),
  physical_reference: z.string().max(16).optional(),
  last_updated: dateTime,
});

const openingSchema = z.object({
  twentyfourseven: z.boolean(),
  regular_hours: z
    .array(z.object({ weekday: z.int().min(1).max(7), period_begin: z.string(), period_end: z.string() }))
    .optional(),
});

export const locationSchema = z.object({
  country_code: z.string().length(2),
  party_id: z.string().length(3),
  id: z.string().max(36),
  publish: z.boolean(),
  name: z.string().max(255).optional(),
  address: z.string().max(45),
  city: z.string().max(45),
  postal_code: z.string().max(10).optional(),
  country: z.string().length(3),
  coordinates: z.object({
    latitude: z.string().regex(/^-?[0-9]{1,2}\.[0-9]{5,7}$/),
    longitude: z.string().regex(/^-?[0-9]{1,3}\.[0-9]{5,7}$/),
  }),
  evses: z.array(evseSchema).optional(),
  operator: z.object({ name: z.string().max(100) }).optional(),
  owner: z.object({ name: z.string().max(100) }).optional(),
  time_zone: z.string().max(255),
  opening_times: openingSchema.optional(),
  last_updated: dateTime,
});

export type OcpiLocation = z.infer<typeof locationSchema>;
export type OcpiEvse = z.infer<typeof evseSchema>;
export type OcpiConnector = z.infer<typeof connectorSchema>;

/** Party of a location without an EVSE-ID: a code that is registered for nobody. */
const NO_PARTY = 'XXX';

/**
 * Convert a charging station to an OCPI Location. Its party is the party of its first EVSE-ID (`DE*REK*E…`).
 *
 * @returns null when the format can't express the station, because it has no coordinates or no country
 */
export function toOcpi(location: Location, timeZone: string): OcpiLocation | null {
  const { latitude, longitude, country } = location;
  if (latitude === null || longitude === null || country === null) return null;
  const evses = location.points.map(toEvse).filter((evse) => evse !== null);
  const party = /^([A-Z]{2})\*?([A-Z0-9]{3})/i.exec(
    location.points.find(({ evse_id }) => evse_id)?.evse_id ?? '',
  );
  return {
    country_code: (party?.[1] ?? country.slice(0, 2)).toUpperCase(),
    party_id: (party?.[2] ?? NO_PARTY).toUpperCase(),
    id: String(location.id_cs),
    publish: true,
    ...optional('name', location.name, 255),
    address: cutText(location.address ?? '', 45),
    city: cutText(location.city ?? '', 45),
    ...optional('postal_code', location.postal_code, 10),
    country: alpha3(country),
    coordinates: { latitude: latitude.toFixed(7), longitude: longitude.toFixed(7) },
    ...(evses.length > 0 && { evses }),
    ...(location.operator && { operator: { name: cutText(location.operator, 100) } }),
    ...(location.owner && { owner: { name: cutText(location.owner, 100) } }),
    time_zone: timeZone,
    ...openingTimes(location),
    last_updated: location.last_updated,
  };
}

function toEvse(point: Location['points'][number]): OcpiEvse | null {
  const connectors = point.connectors.map(toConnector).filter((connector) => connector !== null);
  if (connectors.length === 0) return null;
  const capabilities = CAPABILITIES.filter((capability) => point.capabilities?.includes(capability));
  return {
    uid: cutText(point.id_cp, 36),
    ...optional('evse_id', point.evse_id, 48),
    status: statusOf(point),
    ...(capabilities.length > 0 && { capabilities }),
    connectors,
    ...optional('floor_level', point.floor_level, 4),
    ...optional('physical_reference', point.physical_reference, 16),
    last_updated: point.last_updated,
  };
}

/**
 * Return the OCPI status: REMOVED for a retired charging point, and UNKNOWN for a charging point without a recent poll
 * or with a status that OCPI lacks.
 */
function statusOf({ is_retired, now }: Location['points'][number]): OcpiEvse['status'] {
  if (is_retired) return 'REMOVED';
  if (!now?.is_fresh) return 'UNKNOWN';
  return STATUSES.find((status) => status === now.status) ?? 'UNKNOWN';
}

function toConnector(connector: Location['points'][number]['connectors'][number]): OcpiConnector | null {
  const { max_power: kilowatts } = connector;
  const sent = connectorSchema.safeParse({
    id: connector.id_connector,
    standard: connector.standard,
    format: connector.format,
    power_type: connector.power_type,
    max_voltage: connector.voltage,
    max_amperage: connector.ampere,
    ...(kilowatts !== null && kilowatts > 0 && { max_electric_power: kilowatts * 1000 }),
    last_updated: connector.last_updated,
  });
  return sent.success ? sent.data : null;
}

function openingTimes({ open_24_7, opening_hours }: Location): Pick<OcpiLocation, 'opening_times'> {
  const regular = open_24_7 ? [] : (opening_hours ?? []).filter(isOfWeekday);
  if (open_24_7 === null && regular.length === 0) return {};
  const regular_hours = regular.map(({ weekday, begin, end }) => ({
    weekday,
    period_begin: begin,
    period_end: end,
  }));
  return {
    opening_times: {
      twentyfourseven: open_24_7 ?? false,
      ...(regular_hours.length > 0 && { regular_hours }),
    },
  };
}

function isOfWeekday(period: OpeningPeriod): period is OpeningPeriod & { weekday: number } {
  return period.weekday !== 'holiday';
}

function optional<Name extends string>(
  name: Name,
  text: string | null,
  longest: number,
): Partial<Record<Name, string>> {
  return text ? ({ [name]: cutText(text, longest) } as Record<Name, string>) : {};
}
