import { MEASURES } from '../../../src/warehouse/measures/registry.js';
import pg from 'pg';
import { EXACT_INT8 } from '../../../src/warehouse/int8.js';

export type Row = Record<string, unknown>;

/** Run statements in one session of their own. Return the rows of the last statement. */
export async function query(url: string, ...statements: string[]): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url, types: EXACT_INT8 });
  await client.connect();
  try {
    let rows: Row[] = [];
    for (const statement of statements) rows = (await client.query<Row>(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

/** Tables that readers and later loads see. The times and numbers of publications are not compared. */
const TABLES = [
  'public.status_chargingpoints',
  'public.status_connectors',
  'public.charging_station',
  'public.charging_point',
  'public.connector',
  'public.time',
  'public.charging_station_history',
  'public.charging_point_history',
  'public.connector_history',
  'ops.charging_station_content_span',
  'ops.charging_point_content_span',
  'ops.connector_content_span',
  'ops.poll',
  'ops.ledger',
  'ops.quarantine',
  'ops.field_issue',
  'ops.coverage',
  'ops.coverage_gap',
  'ops.feed_interval',
  'ops.status_interval',
  ...MEASURES.map(({ table }) => `public.${table}`),
  'public.charging_event',
  'public.utilization_hour',
  'public.utilization_day',
  'public.outage',
  'public.charging_point_as_was',
  'public.station_day',
  'ops.quality',
  'ops.quality_finding',
];
/** Names of tables in a warehouse that an earlier version created. */
export const EARLIER_NAMES: Record<string, string> = {
  'ops.charging_station_content_span': 'ops.charging_station_run',
  'ops.charging_point_content_span': 'ops.charging_point_run',
  'ops.connector_content_span': 'ops.connector_run',
};
/** Tables in which Postgres stores facts. Redshift stores facts as rows. */
const SPANS = ['observation.charging_point_span', 'observation.connector_span'];
/** Tables whose rows of a day depend on that day only. */
const OF_DAY = /^ops|^observation|status_(chargingpoints|connectors)/;

/**
 * Return the number of rows and a digest of the rows of every table, independent of their order. If `day` is given,
 * compare only that day, without values that also depend on other days, such as whether a poll is complete, and without
 * the quality rules about these.
 */
export async function digest(url: string, day?: string): Promise<Record<string, string>> {
  const hasSpans = await column(url, `select to_regclass('${SPANS[0] ?? ''}') is not null`);
  const byDay = [...TABLES, ...(hasSpans[0] ? SPANS : [])].filter(
    (table) => day === undefined || OF_DAY.test(table),
  );
  const [isEarlier] = await column(url, `select to_regclass('ops.connector_run') is not null`);
  const rules = (table: string) => (table.startsWith('ops.quality') ? ` and rule !~ '^poll_'` : '');
  const where = (table: string) => (day === undefined ? '' : ` where day = '${day}'${rules(table)}`);
  const row = day === undefined ? 't::text' : `(to_jsonb(t) - '{complete,incomplete}'::text[])::text`;
  const parts = byDay.map(
    (table) =>
      `select '${table}' as name, count(*) || ' ' || coalesce(md5(string_agg(${row}, E'\\n' order by ${row} collate "C")), '') as digest
       from ${(isEarlier ? EARLIER_NAMES[table] : undefined) ?? table} t${where(table)}`,
  );
  const rows = await query(url, `set timezone = 'UTC'`, parts.join(' union all '));
  return Object.fromEntries(rows.map(({ name, digest: text }) => [name, text])) as Record<string, string>;
}

/** Tables that a load of the current day leaves incomplete: it omits the hours that are not over. */
const OF_HOURS = /_hour$|utilization_day$/;

/** Return the digest without the tables of hours. A later load adds hours, even if no other row changes. */
export async function digestWithoutHours(url: string): Promise<[string, string][]> {
  return Object.entries(await digest(url)).filter(([table]) => !OF_HOURS.test(table));
}

/** Return the first column of a statement's rows. `before` are statements that run before it in the same session. */
export async function column(url: string, statement: string, ...before: string[]): Promise<unknown[]> {
  return (await query(url, ...before, statement)).map((row) => Object.values(row)[0]);
}
