import type pg from 'pg';
import { withClient } from './connection.js';
import { columnsOf, type Decision, type DecisionTable } from './decisions.js';
import type { Words } from './load/dialect.js';
import { insertRows } from './load/insert.js';

/** What differs between the databases' tables of schema `config`. */
export type DecisionWords = Pick<Words, 'lock'>;

/** What feeds show and nobody has decided on yet, as it is taken until then. */
const UNDECIDED: Record<DecisionTable, string> = {
  status_group: `
    select distinct status, 'unknown' as status_group, false as is_charging from status_event
    where status not in (select status from config.status_group)`,
  operator_spelling: `
    select distinct operator_name as spelling, operator_name as operator from charging_station_history
    where operator_name is not null and operator_name not in (select spelling from config.operator_spelling)`,
};

const APPLICATION = 'ladepuls config';

/** A table of schema `config` as it stands. */
export interface DecisionState {
  rows: Decision[];
  /** By collector: SHA-256 of the last copy in its raw store. Empty in a new warehouse. */
  copies: Map<string, string>;
}

/** A copy of a table in a raw store. */
export interface NotedCopy {
  collector: string;
  sha256: string;
  nowMs: number;
}

/** A table of schema `config`, by its key, with what feeds show and nobody has decided on. */
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

/** The same order whichever locale the database has. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Replaces a table of schema `config`: with its whole content or, where one row is refused, not at all. */
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

/** Reads a table of schema `config`, without what waits for a decision. */
export async function readState(client: pg.Client, table: DecisionTable): Promise<DecisionState> {
  const noted = await client.query<{ collector: string; sha256: string }>(
    'select collector, sha256 from config.raw_copy where table_name = $1',
    [table],
  );
  const { rows } = await client.query<Decision>(`select ${columnsOf(table).join(', ')} from config.${table}`);
  return { rows, copies: new Map(noted.rows.map(({ collector, sha256 }) => [collector, sha256])) };
}

/** Notes that a table's content stands in a raw store. */
export async function noteCopy(client: pg.Client, table: DecisionTable, copy: NotedCopy): Promise<void> {
  await client.query('begin');
  await replaceNote(client, table, copy);
  await client.query('commit');
}

/**
 * Replaces a table by a copy and notes that, unless it is no longer as it was.
 *
 * @param isAsItWas whether the table, locked by now, may be replaced
 * @returns whether it was
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
  // Their keys must differ, which Redshift does not check.
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
