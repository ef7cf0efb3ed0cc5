/**
 * The data that a source reads from one answer of a feed. Attributes have the names of the warehouse's columns, so that
 * a new column has one name from the source to SQL.
 *
 * Text is in Unicode's NFC and trimmed, inner blanks are collapsed to one, and "", "-" and blanks are null.
 */

/** Master data of a charging station (OCPI: Location). Its key, `id_cs`, is not part of the master data. */
export interface StationContent {
  source: string;
  /** The id as the source writes it. */
  source_id: string;
  name: string | null;
  address: string | null;
  city: string | null;
  postal_code: string | null;
  /** ISO 3166-1 alpha-2. */
  country: string | null;
  owner: string | null;
  roaming: boolean | null;
  /** Degrees, EPSG:4326. */
  longitude: number | null;
  /** Degrees, EPSG:4326. */
  latitude: number | null;
  operator_name: string | null;
  operator_hotline: string | null;
  open_24_7: boolean | null;
  /**
   * JSON text of an array of {@link OpeningPeriod}, sorted by weekday (holiday last) and begin; null when always open.
   */
  opening_hours: string | null;
  directions: string | null;
}

/** One opening period. `begin` and `end` are local "HH:MM". An end that is not after the begin is on the next day. */
export interface OpeningPeriod {
  /** ISO weekday 1 (Monday) to 7, or "holiday". */
  weekday: number | 'holiday';
  begin: string;
  end: string;
}

/** Master data of a charging point (OCPI: EVSE). Its key, `id_cp`, is not part of the master data. */
export interface PointContent {
  id_cs: number;
  source: string;
  /** The public EVSE-ID, such as DE*REK*E00025*001. Operators change it. */
  evse_id: string | null;
  charging_station_position: string | null;
  cp_position: string | null;
  vehicle_type: string | null;
  floor_level: string | null;
  physical_reference: string | null;
  cp_parking_space_numbers: string | null;
  public_comment: string | null;
  roaming: boolean | null;
  reservable: boolean | null;
  /** JSON text of a sorted array of distinct strings. */
  capabilities: string | null;
}

/** Master data of a connector. Its key, `id_connector`, is not part of the master data. */
export interface ConnectorContent {
  id_cp: string;
  source: string;
  standard: string | null;
  format: string | null;
  power_type: string | null;
  /** A */
  ampere: number | null;
  /** V */
  voltage: number | null;
  /** kW */
  max_power: number | null;
}

export type Entity = 'poll' | 'station' | 'charging_point' | 'connector';

/**
 * A record that could not be read, because its id, uid or status is missing or invalid. It yields no fact, but is
 * counted and stored in the quarantine with its position in the answer.
 */
export interface Quarantined {
  entity: Entity;
  /** The record's id, as far as it could be read. */
  id: string | null;
  /** JSON path below the answer's root, such as `$.data[3].evses[0].status`. */
  path: string;
  /** A word for programs and people, such as `missing_uid`, `bad_status`, `parent_unidentified`. */
  reason: string;
}

/**
 * A problem of an attribute. An unreadable attribute becomes null; a new value is stored; an unknown field is ignored.
 */
export interface FieldIssue {
  entity: Entity;
  id: string | null;
  path: string;
  field: string;
  /** Such as `not_a_number`, `not_text`, `unknown_status`, `unknown_field`, `control_characters`. */
  reason: string;
  /** The value as JSON, cut to 200 characters. */
  value: string | null;
}

export interface ConnectorReading {
  id_connector: string;
  /** null: unreadable, and quarantined. The master data is used all the same. */
  status: string | null;
  content: ConnectorContent;
}

export interface PointReading {
  id_cp: string;
  /** null: unreadable, and quarantined. The master data and the connectors are used all the same. */
  status: string | null;
  /** null: the charging point has no parking sensor. */
  parkingsensor: string | null;
  content: PointContent;
  connectors: ConnectorReading[];
}

/** One charging station in one answer. */
export interface StationReading {
  /**
   * null: the station's id could not be read. `points` is then empty, and all records of the station are quarantined.
   */
  id_cs: number | null;
  content: StationContent | null;
  points: PointReading[];
  quarantined: Quarantined[];
  fieldIssues: FieldIssue[];
  /** Charging points in the answer, readable or not. */
  pointsRead: number;
  /** Connectors in the answer, readable or not. */
  connectorsRead: number;
}
