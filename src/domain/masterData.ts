/**
 * Master data: the attributes of stations, charging points and connectors, in the order of their columns. An attribute is
 * declared here once. Its type, its column in flat files, content spans, versions and dimensions, and the most bytes of a
 * text follow. Sources read it in their dialects, and a migration of each database adds its column.
 *
 * Bytes are of UTF-8: Redshift's varchar counts bytes and refuses what is longer. Cleaning cuts to them, whatever the
 * warehouse is, so that each holds the same. They are a multiple of what feeds have shown.
 */

const text = (bytes: number) => ({ type: 'text', bytes, isRequired: false }) as const;
const requiredText = (bytes: number) => ({ type: 'text', bytes, isRequired: true }) as const;
/** The JSON text of an array. */
const jsonArray = (bytes: number) => ({ type: 'json', bytes, isRequired: false }) as const;
const number = { type: 'number', isRequired: false } as const;
const requiredNumber = { type: 'number', isRequired: true } as const;
const boolean = { type: 'boolean', isRequired: false } as const;

/** A charging station (OCPI: Location). `id_cs` is its key and stands beside it. */
export const STATION = {
  source: requiredText(64),
  /** The id as the source writes it. */
  source_id: requiredText(256),
  name: text(1024),
  address: text(1024),
  city: text(512),
  postal_code: text(128),
  /** ISO 3166-1 alpha-2. */
  country: text(256),
  owner: text(1024),
  roaming: boolean,
  /** Degrees, EPSG:4326. */
  longitude: number,
  /** Degrees, EPSG:4326. */
  latitude: number,
  operator_name: text(1024),
  operator_hotline: text(256),
  open_24_7: boolean,
  /** An array of `OpeningPeriod`, sorted by weekday (holiday last) and begin; null when always open. */
  opening_hours: jsonArray(16_384),
  directions: text(8192),
};

/** A charging point (OCPI: EVSE). `id_cp` is its key and stands beside it. */
export const POINT = {
  id_cs: requiredNumber,
  source: requiredText(64),
  /** The EVSE-ID that people know, such as DE*REK*E00025*001. Operators renumber it. */
  evse_id: text(256),
  charging_station_position: text(1024),
  cp_position: text(1024),
  vehicle_type: text(256),
  floor_level: text(256),
  physical_reference: text(256),
  cp_parking_space_numbers: text(1024),
  public_comment: text(8192),
  roaming: boolean,
  reservable: boolean,
  /** A sorted array of distinct strings. */
  capabilities: jsonArray(8192),
};

/** A connector. `id_connector` is its key and stands beside it. */
export const CONNECTOR = {
  id_cp: requiredText(256),
  source: requiredText(64),
  standard: text(256),
  format: text(256),
  power_type: text(256),
  /** A */
  ampere: number,
  /** V */
  voltage: number,
  /** kW */
  max_power: number,
};

const ATTRIBUTES: readonly Record<string, { type: string; bytes?: number }>[] = [STATION, POINT, CONNECTOR];

/** The values of an entity's attributes; null where an attribute is not known. */
type ContentOf<Attributes> = { -readonly [Name in keyof Attributes]: ValueOf<Attributes[Name]> };
type ValueOf<Attribute> =
  | (Attribute extends { type: 'number' } ? number : Attribute extends { type: 'boolean' } ? boolean : string)
  | (Attribute extends { isRequired: true } ? never : null);

export type StationContent = ContentOf<typeof STATION>;
export type PointContent = ContentOf<typeof POINT>;
export type ConnectorContent = ContentOf<typeof CONNECTOR>;

/** What a source knows of an entity: an attribute that it does not have may be left out. */
export type Known<Content> = {
  [Name in keyof Content as null extends Content[Name] ? Name : never]?: Content[Name];
} & { [Name in keyof Content as null extends Content[Name] ? never : Name]: Content[Name] };

/** Names the attributes that are texts. */
type TextsOf<Attributes> = {
  [Name in keyof Attributes]: Attributes[Name] extends { bytes: number } ? Name : never;
}[keyof Attributes];
export type TextAttribute = TextsOf<typeof STATION> | TextsOf<typeof POINT> | TextsOf<typeof CONNECTOR>;

/** The most bytes of each attribute that is a text. */
export const ATTRIBUTE_BYTES = Object.fromEntries(
  ATTRIBUTES.flatMap((attributes) => Object.entries(attributes)).flatMap(([name, { bytes }]) =>
    bytes === undefined ? [] : [[name, bytes]],
  ),
) as Record<TextAttribute, number>;

/** The attributes whose text is a JSON array. */
export const JSON_ATTRIBUTES: ReadonlySet<string> = new Set(
  ATTRIBUTES.flatMap((attributes) => Object.entries(attributes)).flatMap(([name, { type }]) =>
    type === 'json' ? [name] : [],
  ),
);

/** Lists the attributes of an entity, in the order of their columns. */
export function columnsOf<Attributes extends object>(attributes: Attributes): readonly (keyof Attributes)[] {
  return Object.keys(attributes) as (keyof Attributes)[];
}

/**
 * Makes a function that completes what a source knows of an entity: what is left out is null.
 *
 * @example completing(CONNECTOR)({ id_cp: 'a', source: 'ocpi' }).voltage // null
 */
export function completing<Attributes extends object>(
  attributes: Attributes,
): (known: Known<ContentOf<Attributes>>) => ContentOf<Attributes> {
  const nothing = Object.fromEntries(columnsOf(attributes).map((name) => [name, null]));
  return (known) => ({ ...nothing, ...known }) as ContentOf<Attributes>;
}
