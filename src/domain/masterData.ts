/**
 * Master data: the attributes of stations, charging points and connectors, in the order of their columns. Each attribute
 * is declared once, here. The content types, and the columns of flat files, content spans, versions and dimensions follow
 * from the declaration. The readers of sources read the attributes. A migration of each database adds the column.
 *
 * A text has a maximum length in bytes of UTF-8, see `textBytes.ts`. An attribute that several entities have has the same
 * length in each of them.
 */

const text = (bytes: number) => ({ type: 'text', bytes, isRequired: false }) as const;
const requiredText = (bytes: number) => ({ type: 'text', bytes, isRequired: true }) as const;
/** The JSON text of an array. */
const jsonArray = (bytes: number) => ({ type: 'json', bytes, isRequired: false }) as const;
const number = { type: 'number', isRequired: false } as const;
const requiredNumber = { type: 'number', isRequired: true } as const;
const boolean = { type: 'boolean', isRequired: false } as const;

/** A charging station (OCPI: Location). Its key, `id_cs`, is not part of the master data. */
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

/** A charging point (OCPI: EVSE). Its key, `id_cp`, is not part of the master data. */
export const POINT = {
  id_cs: requiredNumber,
  source: requiredText(64),
  /** The public EVSE-ID, such as DE*REK*E00025*001. Operators change it. */
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

/** A connector. Its key, `id_connector`, is not part of the master data. */
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

/** The values of an entity's attributes. An attribute that is not required may be null. */
type ContentOf<Attributes> = { -readonly [Name in keyof Attributes]: ValueOf<Attributes[Name]> };
type ValueOf<Attribute> =
  | (Attribute extends { type: 'number' } ? number : Attribute extends { type: 'boolean' } ? boolean : string)
  | (Attribute extends { isRequired: true } ? never : null);

export type StationContent = ContentOf<typeof STATION>;
export type PointContent = ContentOf<typeof POINT>;
export type ConnectorContent = ContentOf<typeof CONNECTOR>;

/** The attributes that a source has. Attributes that are not required may be missing. */
export type Known<Content> = {
  [Name in keyof Content as null extends Content[Name] ? Name : never]?: Content[Name];
} & { [Name in keyof Content as null extends Content[Name] ? never : Name]: Content[Name] };

/** The names of the attributes that are texts. */
type TextsOf<Attributes> = {
  [Name in keyof Attributes]: Attributes[Name] extends { bytes: number } ? Name : never;
}[keyof Attributes];
export type TextAttribute = TextsOf<typeof STATION> | TextsOf<typeof POINT> | TextsOf<typeof CONNECTOR>;

const declared = ATTRIBUTES.flatMap((attributes) => Object.entries(attributes));

/** The maximum length in bytes of each attribute that is a text. */
export const ATTRIBUTE_BYTES = Object.fromEntries(
  declared.flatMap(([name, { bytes }]) => (bytes === undefined ? [] : [[name, bytes]])),
) as Record<TextAttribute, number>;

/** The attributes whose text is a JSON array. */
export const JSON_ATTRIBUTES: ReadonlySet<string> = new Set(
  declared.filter(([, { type }]) => type === 'json').map(([name]) => name),
);

/** Return the names of an entity's attributes, in the order of their columns. */
export function columnsOf<Attributes extends object>(attributes: Attributes): readonly (keyof Attributes)[] {
  return Object.keys(attributes) as (keyof Attributes)[];
}

/**
 * Return a function that sets the attributes to null which a source does not have.
 *
 * @example completing(CONNECTOR)({ id_cp: 'a', source: 'ocpi' }).voltage // null
 */
export function completing<Attributes extends object>(
  attributes: Attributes,
): (known: Known<ContentOf<Attributes>>) => ContentOf<Attributes> {
  const nothing: unknown = Object.fromEntries(columnsOf(attributes).map((name) => [name, null]));
  return (known) => ({ ...(nothing as ContentOf<Attributes>), ...known });
}
