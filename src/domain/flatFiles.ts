import { columnsOf, CONNECTOR, POINT, STATION } from './masterData.js';

/**
 * The flat files that cleaning leaves for each feed and day, and their columns in order. The header of
 * each file carries these names, and the warehouse copies by them. The columns of master data are those of `masterData.ts`.
 */

export const STATION_COLUMNS = columnsOf(STATION);
export const POINT_COLUMNS = columnsOf(POINT);
export const CONNECTOR_COLUMNS = columnsOf(CONNECTOR);

/** What every span says beside its entity, and its content or statuses. */
export const SPAN_COLUMNS = ['feed', 'first_slot', 'last_slot', 'polls'] as const;

/** Every flat file of one feed and day: its name without ending, and its columns. */
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
 * The two files that facts are made of: a status span stands for one fact of each of its feed's polls. Statuses
 * change a few times a day, so that is a small part of the bytes.
 */
export const STATUS_FILES = [
  'charging_point_status_span',
  'connector_status_span',
] as const satisfies readonly FlatFile[];

/** The files of content spans, polls and findings: what was polled and what the entities looked like. */
export const CONTENT_FILES = [
  'charging_station_content_span',
  'charging_point_content_span',
  'connector_content_span',
  'poll',
  'quarantine',
  'field_issue',
] as const satisfies readonly FlatFile[];
