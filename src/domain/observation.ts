import type { ConnectorContent, PointContent, StationContent } from './masterData.js';

/**
 * The data that a source reads from one answer of a feed. Attributes have the names of the warehouse's columns, so that
 * a new column has one name from the source to SQL.
 *
 * Text is in Unicode's NFC and trimmed, inner blanks are collapsed to one, and "", "-" and blanks are null.
 */

/** One opening period. `begin` and `end` are local "HH:MM". An end that is not after the begin is on the next day. */
export interface OpeningPeriod {
  /** ISO weekday 1 (Monday) to 7, or "holiday". */
  weekday: number | 'holiday';
  begin: string;
  end: string;
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
