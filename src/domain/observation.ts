import type { ConnectorContent, PointContent, StationContent } from './masterData.js';

/**
 * What a source makes of one answer of a feed. The attributes' names are those of the warehouse's
 * columns, so that a new column is one name from the source to SQL.
 *
 * Text is trimmed, inner blanks are collapsed to one, and "", "-" and blanks are null.
 */

/** One opening period. `begin` and `end` are local "HH:MM"; an end not after the begin lies on the next day. */
export interface OpeningPeriod {
  /** ISO weekday 1 (Monday) to 7, or "holiday". */
  weekday: number | 'holiday';
  begin: string;
  end: string;
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
