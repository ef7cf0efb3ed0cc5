import { columnsOf, CONNECTOR, POINT, STATION } from './masterData.js';

/**
 * The flat files that cleaning writes for each feed slice, and their columns in order. The header of each file has
 * these names, and the warehouse copies by them. `masterData.ts` declares the columns of master data.
 */

export const STATION_COLUMNS = columnsOf(STATION);
export const POINT_COLUMNS = columnsOf(POINT);
export const CONNECTOR_COLUMNS = columnsOf(CONNECTOR);

/** The columns that every span has in addition to its entity, and its content or statuses. */
export const SPAN_COLUMNS = ['feed', 'first_slot', 'last_slot', 'polls'] as const;

/** The name of each flat file without its extension, and the file's columns. */
export const FLAT_FILES = {
  charging_point_status_span: ['id_chargingpoint', ...SPAN_COLUMNS, 'status_cp', 'status_parkingsensor'],
  connector_status_span: ['id_connector', ...SPAN_COLUMNS, 'status_connector'],
  charging_station_content_span: ['id_cs', ...SPAN_COLUMNS, ...STATION_COLUMNS],
  charging_point_content_span: ['id_cp', ...SPAN_COLUMNS, ...POINT_COLUMNS],
  connector_content_span: ['id_connector', ...SPAN_COLUMNS, ...CONNECTOR_COLUMNS],
  poll: [
    'feed',
    'slot',
    'received_at',
    'query_time',
    'digest',
    'stations',
    'charging_points',
    'connectors',
    'charging_point_facts',
    'connector_facts',
    'quarantined',
    'unidentified',
    'fault',
  ],
  quarantine: ['feed', 'entity', 'id', 'path', 'reason', 'first_slot', 'last_slot', 'occurrences', 'key'],
  field_issue: [
    'feed',
    'entity',
    'id',
    'field',
    'reason',
    'path',
    'value',
    'first_slot',
    'last_slot',
    'occurrences',
    'key',
  ],
} as const;

export type FlatFile = keyof typeof FLAT_FILES;

/**
 * The two files from which facts are derived. A status span represents one fact for each of its feed's polls. Statuses
 * change a few times a day; therefore these files are a small part of the bytes.
 */
export const STATUS_FILES = [
  'charging_point_status_span',
  'connector_status_span',
] as const satisfies readonly FlatFile[];

/** The files of content spans, polls, quarantined records and field issues. */
export const CONTENT_FILES = [
  'charging_station_content_span',
  'charging_point_content_span',
  'connector_content_span',
  'poll',
  'quarantine',
  'field_issue',
] as const satisfies readonly FlatFile[];
