/**
 * What a source makes of one answer of a feed. The attributes' names are those of the warehouse's
 * columns, so that a new column is one name from the source to SQL.
 *
 * Text is trimmed, inner blanks are collapsed to one, and "", "-" and blanks are null.
 */

/** Master data of a charging station (OCPI: Location). `id_cs` is its key and stands beside it. */
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
  /** JSON text of an array of {@link OpeningPeriod}, sorted by weekday (holiday last) and begin; null when always open. */
  opening_hours: string | null;
  directions: string | null;
}

/** One opening period. `begin` and `end` are local "HH:MM"; an end not after the begin lies on the next day. */
export interface OpeningPeriod {
  /** ISO weekday 1 (Monday) to 7, or "holiday". */
  weekday: number | 'holiday';
  begin: string;
  end: string;
}

/** Master data of a charging point (OCPI: EVSE). `id_cp` is its key and stands beside it. */
export interface PointContent {
  id_cs: number;
  source: string;
  /** The EVSE-ID that people know, such as DE*REK*E00025*001. Operators renumber it. */
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

/** Master data of a connector. `id_connector` is its key and stands beside it. */
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
 * A record that could not be read: its id, uid or status is missing or unusable. It makes no fact;
 * what it is and where it stands is kept, and it is counted.
 */
export interface Quarantined {
  entity: Entity;
  /** The record's id as far as it could be read. */
  id: string | null;
  /** JSON path below the answer's root, such as `$.data[3].evses[0].status`. */
  path: string;
  /** A word for machines and people, such as `missing_uid`, `bad_status`, `parent_unidentified`. */
  reason: string;
}

/** An attribute that could not be read (it becomes null), or that is new or unknown (it is kept or ignored). */
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
  /** null: unreadable (quarantined); the master data still counts. */
  status: string | null;
  content: ConnectorContent;
}

export interface PointReading {
  id_cp: string;
  /** null: unreadable (quarantined); the master data and the connectors still count. */
  status: string | null;
  /** null: the charging point has no parking sensor. */
  parkingsensor: string | null;
  content: PointContent;
  connectors: ConnectorReading[];
}

/** One charging station as one answer shows it. */
export interface StationReading {
  /** null: the station's id could not be read; then `points` is empty and everything below is quarantined. */
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
