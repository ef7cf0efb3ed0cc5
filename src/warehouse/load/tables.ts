import type pg from 'pg';
import { type FlatFile, FLAT_FILES, CONTENT_FILES } from '../../domain/flatFiles.js';
import { LEDGER_COUNTS } from '../../domain/ledger.js';
import type { Day } from '../../domain/day.js';
import { identifier, literal } from '../literal.js';

/** A table of the warehouse of which a load replaces one day. Its columns do not include `day`. */
export interface DayTable {
  table: string;
  columns: readonly string[];
  distributedBy: string;
}

/** Table for each flat file. */
export const FILE_TABLES: Record<FlatFile, DayTable> = {
  charging_point_status_span: of(
    'charging_point_status_span',
    FLAT_FILES.charging_point_status_span,
    'id_chargingpoint',
  ),
  connector_status_span: of('connector_status_span', FLAT_FILES.connector_status_span, 'id_connector'),
  charging_station_content_span: of(
    'charging_station_content_span',
    FLAT_FILES.charging_station_content_span,
    'id_cs',
  ),
  charging_point_content_span: of(
    'charging_point_content_span',
    FLAT_FILES.charging_point_content_span,
    'id_cp',
  ),
  connector_content_span: of('connector_content_span', FLAT_FILES.connector_content_span, 'id_connector'),
  poll: of('poll', FLAT_FILES.poll, 'feed'),
  quarantine: of('quarantine', FLAT_FILES.quarantine, 'feed'),
  field_issue: of('field_issue', FLAT_FILES.field_issue, 'feed'),
};

export const LEDGER = of('ledger', ['feed', 'inventory', ...LEDGER_COUNTS], 'feed');
export const COVERAGE = of(
  'coverage',
  ['feed', 'expected', 'stored', 'failed', 'missed', 'unexpected'],
  'feed',
);
export const COVERAGE_GAP = of(
  'coverage_gap',
  ['feed', 'first_slot', 'last_slot', 'slots', 'outcome', 'reason', 'from_start', 'to_end'],
  'feed',
);

export const FEED_INTERVAL = of('feed_interval', ['feed', 'since', 'interval_minutes'], 'feed');
const STATUS_INTERVAL = of(
  'status_interval',
  ['id_cp', 'start_at', 'end_at', 'status', 'interval_minutes'],
  'id_cp',
);

export const QUALITY = of('quality', ['rule', 'feed', 'checked', 'failed'], 'feed');
export const QUALITY_FINDING = of('quality_finding', ['rule', 'feed', 'id', 'value', 'failed'], 'id');

/**
 * Tables of which a load replaces the rows of one day. Facts are not among them, because they are made of status spans.
 */
export const DAY_TABLES: readonly DayTable[] = [
  ...CONTENT_FILES.map((file) => FILE_TABLES[file]),
  LEDGER,
  COVERAGE,
  COVERAGE_GAP,
  FEED_INTERVAL,
  STATUS_INTERVAL,
  QUALITY,
  QUALITY_FINDING,
];

function of(table: string, columns: readonly string[], distributedBy: string): DayTable {
  return { table, columns, distributedBy };
}

/** Return the name of the staging table that holds a load's rows before they are published. */
export function stagingTable({ table }: DayTable): string {
  return `new_${table}`;
}

/** Return quoted column names, separated by commas, each after `prefix`. */
export function list(columns: readonly string[], prefix = ''): string {
  return columns.map((column) => `${prefix}${identifier(column)}`).join(', ');
}

/** Replace the day's rows of a table by the rows in staging. */
export async function replaceDay(client: pg.PoolClient, of: DayTable, day: Day): Promise<void> {
  await client.query(`delete from ${of.table} where day = ${literal(day)}`);
  await client.query(
    `insert into ${of.table} (day, ${list(of.columns)})
     select ${literal(day)}::date, ${list(of.columns)} from ${stagingTable(of)}`,
  );
}
