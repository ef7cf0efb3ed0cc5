import type pg from 'pg';
import type { Day } from '../../domain/day.js';
import { type ArchiveManifest, putArchiveManifest } from '../../stores/archive.js';
import { inTransaction } from '../connection.js';
import { literal } from '../literal.js';
import type { Load } from '../warehouse.js';
import type { Dialect, FlatSource } from './dialect.js';
import { FACTS } from './fact.js';
import { lockPublications } from './publish.js';
import { schemasOf, searchIn } from './schemas.js';

/** Return whether the facts of a day are in the archive and must not be loaded. */
export async function isArchived(
  pool: pg.Pool,
  { warehouses }: Dialect,
  load: Omit<Load, 'run'>,
): Promise<boolean> {
  const { rows } = await pool.query(
    `select day from ${schemasOf(warehouses, load).ops}.archived_day where day = $1 and restored_at is null`,
    [load.day],
  );
  return rows.length > 0;
}

/** Return at most `limit` published days before `before` whose facts were never archived, in ascending order. */
export async function archivableDays(pool: pg.Pool, before: Day, limit: number): Promise<Day[]> {
  const { rows } = await pool.query<{ day: Day }>(
    `select distinct to_char(published.day, 'YYYY-MM-DD') as day
     from ops.day_revision published left join ops.archived_day archived on archived.day = published.day
     where published.day < ${literal(before)} and archived.day is null order by 1 limit ${limit}`,
  );
  return rows.map(({ day }) => day);
}

/**
 * Move the facts of a day to the archive. The facts are written, read back and counted. They are deleted in the
 * transaction that marks the day as archived.
 *
 * If the day was published again in between, nothing is deleted, and the next call tries again.
 *
 * @returns the number of deleted rows; null if nothing was deleted
 */
export async function archiveDay(
  pool: pg.Pool,
  dialect: Dialect,
  day: Day,
  source: FlatSource,
): Promise<number | null> {
  const archived = { day, ...(await dialect.facts.archive(pool, day, source)) };
  await putArchiveManifest(source.flat, archived);
  const rows = await inTransaction(pool, (client) => forgetFacts(client, dialect, archived));
  // Free the space now, instead of whenever autovacuum runs.
  if (rows !== null) await dialect.facts.vacuum(pool, {});
  return rows;
}

async function forgetFacts(
  client: pg.PoolClient,
  dialect: Dialect,
  { day, revision, tables }: Omit<ArchiveManifest, 'version'>,
): Promise<number | null> {
  const { ops, warehouse } = dialect.warehouses.published;
  await lockPublications(client, dialect);
  await searchIn(client, ops, warehouse);
  if ((await revisionOf(client, day)) !== revision) return null;
  const counts: number[] = [];
  for (const fact of FACTS) {
    const facts = await dialect.facts.remove(client, fact, day);
    const expected = tables[fact.view]?.rows;
    if (facts !== expected)
      throw new Error(
        `${day} is not archived: the warehouse has ${facts} rows of ${fact.view}, but the archive has ${expected}. ` +
          'No fact was deleted, and archiving is tried again automatically.',
      );
    counts.push(facts);
  }
  await client.query(
    `insert into archived_day (day, charging_point_facts, connector_facts, archived_at)
     values (${literal(day)}, ${counts.join(', ')}, ${dialect.words.now})`,
  );
  await client.query(
    `delete from "time" using (
       select poll.query_time,
         sum(case when archived.day is null then poll.charging_point_facts + poll.connector_facts else 0 end) as facts
       from poll left join archived_day archived on archived.day = poll.day and archived.restored_at is null
       join (select distinct query_time from poll where day = ${literal(day)}) left_over
         on left_over.query_time = poll.query_time
       group by poll.query_time
     ) remaining
     where "time".query_time = remaining.query_time and remaining.facts = 0`,
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Return the latest revision of a day; 0 if the day was never published. */
export async function revisionOf(client: pg.PoolClient, day: Day): Promise<number> {
  const { rows } = await client.query<{ revision: number | null }>(
    'select max(revision) as revision from ops.day_revision where day = $1',
    [day],
  );
  return rows[0]?.revision ?? 0;
}
