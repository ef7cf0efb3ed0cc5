import type { QualityFinding } from '../../warehouse/measures.js';
import type { Column } from './definition.js';
import type { RowKind } from './names.js';
import type { Report, ReportRow } from './report.js';

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
/** Names of the kinds of rows, for people. */
export const TITLES: Record<RowKind, string> = {
  point: 'charging point',
  station: 'station',
  city: 'city',
  postal_code: 'postal code',
  operator: 'operator',
  power: 'power class',
  standard: 'standard',
  hour: 'hour',
  weekday: 'weekday',
  day: 'day',
  week: 'week',
  month: 'month',
  rule: 'rule',
  severity: 'severity',
  feed: 'feed',
  entity: 'what',
  attribute: 'attribute',
};

/** Return the title of a report, such as "Utilization by city". */
export function titleOf({ name, by }: Pick<Report, 'name' | 'by'>): string {
  return `${name[0]?.toUpperCase()}${name.slice(1)} by ${TITLES[by]}`;
}

/** Return the name of a row for people. */
export function nameOf({ key, label }: ReportRow, by: RowKind): string {
  if (by === 'weekday') return WEEKDAYS[Number(key)] ?? key;
  if (by === 'entity') return key.replace('_', ' ');
  if (by === 'hour') return `${key.padStart(2, '0')}:00`;
  if (key === '') return by === 'attribute' ? 'none' : 'not known';
  return label ? `${label} (${key})` : key;
}

/**
 * Return the columns of a table for people: without columns for programs, and without columns that are empty in all
 * rows.
 */
export function shownColumns(columns: readonly Column[], rows: readonly ReportRow[]) {
  const isEmpty = (index: number) => rows.every(({ values }) => (values[index] ?? null) === null);
  return columns
    .map((column, index) => ({ column, index }))
    .filter(({ column, index }) => !column.isLong && (column.isChange || !isEmpty(index)));
}

/** Describe the entity that violates a quality rule. */
export function describeFinding({ subject, id, label }: QualityFinding): string {
  return subject === 'feed' ? id : `${subject.replace('_', ' ')} ${id}${label ? ` (${label})` : ''}`;
}
