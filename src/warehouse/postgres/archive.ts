import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { Day } from '../../domain/day.js';
import { type ArchiveManifest, putArchiveManifest, putArchiveTable } from '../../stores/archive.js';
import type { Store } from '../../stores/store.js';
import type { Load } from '../warehouse.js';
import { FACTS } from '../load/fact.js';
import { inTransaction } from '../connection.js';
import { removeSpans, vacuumFacts } from './facts.js';
import { lockPublications } from './publish.js';
import { schemasOf } from './schemas.js';

type Archived = Omit<ArchiveManifest, 'version'>;

/** Whether a day's facts are in the archive and not to be loaded. */
export async function isArchived(pool: pg.Pool, load: Omit<Load, 'run'>): Promise<boolean> {
  const { rows } = await pool.query(
    `select from ${schemasOf(load).ops}.archived_day where day = $1 and restored_at is null`,
    [load.day],
  );
  return rows.length > 0;
}

/** Published days before a day, in order, at most so many, whose facts were never archived. */
export async function archivableDays(pool: pg.Pool, before: Day, limit: number): Promise<Day[]> {
  const { rows } = await pool.query<{ day: Day }>(
    `select distinct day::text as day from ops.day_revision
     where day < $1 and day not in (select day from ops.archived_day) order by 1 limit $2`,
    [before, limit],
  );
  return rows.map(({ day }) => day);
}

/**
 * Moves a day's facts into the archive: written, read back and counted before they leave, in the transaction that marks
 * the day. Where the day was published anew meanwhile, nothing leaves, and the next time it is tried again.
 *
 * @returns the rows that left; null where none did
 */
export async function archiveDay(pool: pg.Pool, day: Day, flat: Store): Promise<number | null> {
  const archived = await inTransaction(pool, (client) => exportFacts(client, day, flat));
  await putArchiveManifest(flat, archived);
  const rows = await inTransaction(pool, (client) => forgetFacts(client, archived));
  if (rows === null) return null;
  // Gives the space back now; autovacuum would, some time.
  await vacuumFacts(pool, {});
  return rows;
}

async function exportFacts(client: pg.PoolClient, day: Day, flat: Store): Promise<Archived> {
  await client.query('set transaction isolation level repeatable read, read only');
  const tables: Archived['tables'] = {};
  for (const { view: table } of FACTS) {
    const rows = await countOf(client, table, day);
    const csv = client.query(
      copyTo(
        `copy (select * from ${table} where day = ${pg.escapeLiteral(day)} order by 1) to stdout (format csv, header)`,
      ),
    );
    tables[table] = { rows, sha256: await putArchiveTable(flat, day, table, csv) };
    if (csv.rowCount !== rows)
      throw new Error(`${table} has ${rows} rows of ${day}, but ${csv.rowCount} were written`);
  }
  return { day, revision: await revisionOf(client, day), tables };
}

async function forgetFacts(
  client: pg.PoolClient,
  { day, revision, tables }: Archived,
): Promise<number | null> {
  await lockPublications(client);
  if ((await revisionOf(client, day)) !== revision) return null;
  const counts: number[] = [];
  for (const fact of FACTS) {
    const facts = await removeSpans(client, fact, day);
    const expected = tables[fact.view]?.rows;
    if (facts !== expected)
      throw new Error(`${facts} facts of ${day} would leave, but ${expected} are in the archive`);
    counts.push(facts);
  }
  await client.query(
    'insert into ops.archived_day (day, charging_point_facts, connector_facts) values ($1, $2, $3)',
    [day, ...counts],
  );
  await client.query(
    `delete from public."time" using (select distinct query_time from ops.poll where day = $1) left_over
     where "time".query_time = left_over.query_time and not exists (
       select from ops.poll where poll.query_time = left_over.query_time
         and charging_point_facts + connector_facts > 0
         and day not in (select day from ops.archived_day where restored_at is null))`,
    [day],
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

async function countOf(client: pg.PoolClient, table: string, day: Day): Promise<number> {
  const { rows } = await client.query<{ n: string }>(`select count(*) as n from ${table} where day = $1`, [
    day,
  ]);
  return Number(rows[0]?.n);
}

async function revisionOf(client: pg.PoolClient, day: Day): Promise<number> {
  const { rows } = await client.query<{ revision: number }>(
    'select max(revision) as revision from ops.day_revision where day = $1',
    [day],
  );
  return rows[0]?.revision ?? 0;
}
