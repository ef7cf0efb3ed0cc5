import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import Cursor from 'pg-cursor';
import type { Day } from '../../domain/day.js';
import type { Column } from '../relation.js';
import type { TableSlice, Snapshot, TextRow } from '../snapshot.js';
import { readCatalog } from './catalog.js';

/** Number of rows that are fetched from Postgres at a time. */
const ROWS_AT_ONCE = 2_000;
const AS_TEXT = { getTypeParser: () => (text: string) => text };

const SETTINGS = [
  `set local timezone = 'UTC'`,
  `set local datestyle = ISO`,
  // No time limits: the consumer may be slow, and reading a large table takes long.
  'set local statement_timeout = 0',
  'set local idle_in_transaction_session_timeout = 0',
];

/** Open a snapshot of the warehouse, as the role `ladepuls_reader` if that exists. */
export async function openSnapshot(url: string): Promise<Snapshot> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'ladepuls export',
    keepAlive: true,
  });
  // When the connection breaks between two statements, the next statement fails. Without this listener, the error event
  // would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await begin(client);
  } catch (error) {
    await client.end();
    throw error;
  }
}

async function begin(client: pg.Client): Promise<Snapshot> {
  const close = () => client.end();
  const { rows: tables } = await client.query(`select where to_regclass('ops.day_revision') is not null`);
  if (tables.length === 0) return { relations: [], days: [], archived: new Set(), ...readsOf(client), close };
  await client.query('begin isolation level repeatable read read only');
  for (const setting of SETTINGS) await client.query(setting);
  // After the exchange of a rebuild, the names would mean the new tables, which are empty to this transaction. The
  // exchange moves all tables or none. Therefore a lock on one table delays it. The lock is taken before the first
  // query, which fixes the snapshot.
  await client.query('lock table public.charging_station in access share mode');
  const { rows: roles } = await client.query(`select from pg_roles where rolname = 'ladepuls_reader'`);
  if (roles.length > 0) await client.query('set local role ladepuls_reader');
  const { rows: days } = await client.query<{ day: Day; archived: boolean }>(
    `select day::text, day in (select day from ops.archived_day where restored_at is null) as archived
     from ops.day_revision group by day order by day`,
  );
  return {
    relations: await readCatalog(client, ['public']),
    days: days.map(({ day }) => day),
    archived: new Set(days.filter(({ archived }) => archived).map(({ day }) => day)),
    ...readsOf(client),
    close,
  };
}

function readsOf(client: pg.Client): Pick<Snapshot, 'hasRows' | 'rows' | 'csv'> {
  return {
    async hasRows(slice) {
      const { rows } = await client.query<{ any: boolean }>(
        `select exists (${selectOf({ ...slice, columns: [] })}) as any`,
      );
      return rows[0]?.any ?? false;
    },

    async *rows(slice) {
      await client.query('savepoint reading');
      const cursor = client.query(
        new Cursor<TextRow>(selectOf(slice), [], { rowMode: 'array', types: AS_TEXT }),
      );
      for (;;) {
        const rows = await cursor.read(ROWS_AT_ONCE);
        if (rows.length === 0) break;
        yield rows;
      }
      await cursor.close();
      await releaseLocks(client);
    },

    async *csv(slice, { header, onRows }) {
      await client.query('savepoint reading');
      const csv = client.query(
        copyTo(`copy (${selectOf(slice)}) to stdout (format csv, header ${header}, encoding 'UTF8')`),
      );
      yield* csv as AsyncIterable<Buffer>;
      onRows(csv.rowCount);
      await releaseLocks(client);
    },
  };
}

/**
 * Release the locks on the table that was read. A server has room for some thousands of locks, and each day's
 * partitions take a few.
 */
async function releaseLocks(client: pg.Client): Promise<void> {
  await client.query('rollback to savepoint reading');
  await client.query('release savepoint reading');
}

/** The day is written into the statement, because COPY takes no parameters. */
function selectOf({ relation, columns, day }: TableSlice): string {
  const where = day === null ? '' : ` where day = ${pg.escapeLiteral(day)}`;
  const from = `${pg.escapeIdentifier(relation.schema)}.${pg.escapeIdentifier(relation.name)}`;
  return `select ${columns.map(expressionOf).join(', ')} from ${from}${where}`;
}

function expressionOf({ name, type }: Column): string {
  const column = pg.escapeIdentifier(name);
  if (type === 'bool') return `${column}::text as ${column}`;
  return type.startsWith('_') ? `to_json(${column})::text as ${column}` : column;
}
