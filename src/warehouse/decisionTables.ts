import type pg from 'pg';
import { withClient } from './connection.js';
import { columnsOf, type Decision, type DecisionTable } from './decisions.js';
import type { Words } from './load/dialect.js';
import { insertRows } from './load/insert.js';

/** SQL fragments that differ between the databases for tables of schema `config`. */
export type DecisionWords = Pick<Words, 'lock'>;

/** Queries for values that feeds show and nobody has decided on, with the default that applies until then. */
const UNDECIDED: Record<DecisionTable, string> = {
  status_group: `
    select distinct status, 'unknown' as status_group, false as is_charging from status_event
    where status not in (select status from config.status_group)`,
  operator_spelling: `
    select distinct operator_name as spelling, operator_name as operator from charging_station_history
    where operator_name is not null and operator_name not in (select spelling from config.operator_spelling)`,
};

const APPLICATION = 'ladepuls config';

/** The content of a table of schema `config`, and its copies in raw stores. */
export interface DecisionState {
  rows: Decision[];
  /** For each collector, the SHA-256 of the last copy in its raw store. Empty in a new warehouse. */
  copies: Map<string, string>;
}

/** A copy of a table in a raw store, as recorded in `config.raw_copy`. */
export interface NotedCopy {
  collector: string;
  sha256: string;
  nowMs: number;
}

/** Read a table of schema `config`, sorted by its key, including values that nobody has decided on. */
export async function readDecisions(url: string, table: DecisionTable): Promise<Decision[]> {
  return withClient(url, APPLICATION, async (client) => {
    const columns = columnsOf(table);
    const { rows } = await client.query<Decision>(
      `select ${columns.join(', ')}
       from (select ${columns.join(', ')} from config.${table} union all ${UNDECIDED[table]}) as decision`,
    );
    return rows.toSorted((a, b) => compareBytes(String(a[columns[0] ?? '']), String(b[columns[0] ?? ''])));
  });
}

/** Compare bytes, so that the order does not depend on the locale of the database. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Replace the whole content of a table of schema `config`. If one row is refused, change nothing. */
export async function replaceDecisions(
  words: DecisionWords,
  url: string,
  table: DecisionTable,
  decisions: readonly Decision[],
): Promise<void> {
  await withClient(url, APPLICATION, async (client) => {
    await client.query('begin');
    await client.query(words.lock(`config.${table}`));
    await replaceRows(client, table, decisions);
    await client.query('commit');
  });
}

/** Read a table of schema `config`, without values that nobody has decided on. */
export async function readState(client: pg.Client, table: DecisionTable): Promise<DecisionState> {
  const noted = await client.query<{ collector: string; sha256: string }>(
    'select collector, sha256 from config.raw_copy where table_name = $1',
    [table],
  );
  const { rows } = await client.query<Decision>(`select ${columnsOf(table).join(', ')} from config.${table}`);
  return { rows, copies: new Map(noted.rows.map(({ collector, sha256 }) => [collector, sha256])) };
}

/** Record that a raw store has a copy of the table's content. */
export async function noteCopy(client: pg.Client, table: DecisionTable, copy: NotedCopy): Promise<void> {
  await client.query('begin');
  await replaceNote(client, table, copy);
  await client.query('commit');
}

/**
 * Replace a table by its copy in a raw store and record the copy, unless the table has changed.
 *
 * @param copy.isAsItWas decides from the content of the locked table whether it may be replaced
 * @returns whether the table was replaced
 */
export async function restoreDecisions(
  words: DecisionWords,
  client: pg.Client,
  table: DecisionTable,
  {
    rows,
    isAsItWas,
    ...copy
  }: NotedCopy & {
    rows: readonly Decision[];
    isAsItWas: (state: DecisionState) => boolean;
  },
): Promise<boolean> {
  await client.query('begin');
  await client.query(words.lock(`config.${table}`));
  const mayReplace = isAsItWas(await readState(client, table));
  if (mayReplace) {
    await replaceRows(client, table, rows);
    await replaceNote(client, table, copy);
  }
  await client.query('commit');
  return mayReplace;
}

async function replaceRows(
  client: pg.Client,
  table: DecisionTable,
  rows: readonly Decision[],
): Promise<void> {
  await client.query(`delete from config.${table}`);
  // The keys of the rows must differ, which Redshift does not check.
  await insertRows(client, { into: `config.${table}`, columns: columnsOf(table) }, rows);
}

async function replaceNote(
  client: pg.Client,
  table: DecisionTable,
  { collector, sha256, nowMs }: NotedCopy,
): Promise<void> {
  await client.query('lock table config.raw_copy');
  await client.query('delete from config.raw_copy where table_name = $1 and collector = $2', [
    table,
    collector,
  ]);
  await client.query(
    'insert into config.raw_copy (table_name, collector, sha256, copied_at) values ($1, $2, $3, $4)',
    [table, collector, sha256, new Date(nowMs).toISOString()],
  );
}
