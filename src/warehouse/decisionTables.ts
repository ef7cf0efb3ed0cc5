import type pg from 'pg';
import { columnsOf, type Decision, type DecisionTable } from './decisions.js';

/** What the databases do differently with tables of schema `config`. */
export interface DecisionsDialect {
  /** Does the work on one connection of its own. */
  withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T>;
  /** The statement by which whoever changes the table at the same time waits, while readers go on where they can. */
  lock(table: DecisionTable): string;
  /** Inserts rows into the table. */
  insert(client: pg.Client, table: DecisionTable, rows: readonly Decision[]): Promise<void>;
}

/** What feeds show and nobody has decided on yet, as it is taken until then. */
export const UNDECIDED: Record<DecisionTable, string> = {
  status_group: `
    select distinct status, 'unknown' as status_group, false as is_charging from status_event
    where status not in (select status from config.status_group)`,
  operator_spelling: `
    select distinct operator_name as spelling, operator_name as operator from charging_station_history
    where operator_name is not null and operator_name not in (select spelling from config.operator_spelling)`,
};

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

/** Replaces a table of schema `config`: with its whole content or, where one row is refused, not at all. */
export async function replaceDecisions(
  dialect: DecisionsDialect,
  url: string,
  table: DecisionTable,
  decisions: readonly Decision[],
): Promise<void> {
  await dialect.withClient(url, async (client) => {
    await client.query('begin');
    await client.query(dialect.lock(table));
    await replaceRows(dialect, client, table, decisions);
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
  dialect: DecisionsDialect,
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
  await client.query(dialect.lock(table));
  const mayReplace = isAsItWas(await readState(client, table));
  if (mayReplace) {
    await replaceRows(dialect, client, table, rows);
    await replaceNote(client, table, copy);
  }
  await client.query('commit');
  return mayReplace;
}

async function replaceRows(
  dialect: DecisionsDialect,
  client: pg.Client,
  table: DecisionTable,
  rows: readonly Decision[],
): Promise<void> {
  await client.query(`delete from config.${table}`);
  if (rows.length > 0) await dialect.insert(client, table, rows);
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
