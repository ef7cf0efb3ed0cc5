import type pg from 'pg';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import type { Day } from '../../domain/day.js';
import { type ArchiveManifest, putArchiveManifest, putArchiveTable } from '../../stores/archive.js';
import type { Store } from '../../stores/store.js';
import { inTransaction } from '../connection.js';
import type { Load } from '../warehouse.js';
import type { FlatSource } from './copy.js';
import { identifier, literal } from './literal.js';
import { lockPublications } from './publish.js';
import { PUBLISHED, schemasOf, searchIn } from './schemas.js';
import { FACTS } from './tables.js';

type Archived = Omit<ArchiveManifest, 'version'>;

const unloadedSchema = z.object({ entries: z.array(z.object({ url: z.string() })) });

/** Whether a day's facts are in the archive and not to be loaded. */
export async function isArchived(pool: pg.Pool, load: Omit<Load, 'run'>): Promise<boolean> {
  const { rows } = await pool.query(
    `select day from ${schemasOf(load).ops}.archived_day where day = $1 and restored_at is null`,
    [load.day],
  );
  return rows.length > 0;
}

/** Published days before a day, in order, at most so many, whose facts were never archived. */
export async function archivableDays(pool: pg.Pool, before: Day, limit: number): Promise<Day[]> {
  const { rows } = await pool.query<{ day: Day }>(
    `select distinct to_char(published.day, 'YYYY-MM-DD') as day
     from ops.day_revision published left join ops.archived_day archived on archived.day = published.day
     where published.day < ${literal(before)} and archived.day is null order by 1 limit ${limit}`,
  );
  return rows.map(({ day }) => day);
}

/**
 * Moves a day's facts into the archive: written, read back and counted before they leave, in the transaction that marks
 * the day. Where the day was published anew meanwhile, nothing leaves, and the next time it is tried again.
 *
 * @returns the rows that left; null where none did
 */
export async function archiveDay(pool: pg.Pool, day: Day, source: FlatSource): Promise<number | null> {
  const archived = await exportFacts(pool, day, source);
  await putArchiveManifest(source.flat, archived);
  return inTransaction(pool, (client) => forgetFacts(client, archived));
}

async function exportFacts(pool: pg.Pool, day: Day, source: FlatSource): Promise<Archived> {
  const revision = await inTransaction(pool, (client) => revisionOf(client, day));
  const tables: Archived['tables'] = {};
  for (const { view, id } of FACTS) tables[view] = await exportTable(pool, day, view, id, source);
  return { day, revision, tables };
}

/**
 * Lets the nodes write the rows to S3, for one connection would be too slow and a result too large; then makes of their
 * files the one file that an archive has, whichever warehouse it is from. UNLOAD writes no more than 6.2 GB into one.
 */
async function exportTable(
  pool: pg.Pool,
  day: Day,
  view: string,
  id: string,
  { flat, iamRole }: FlatSource,
): Promise<ArchiveManifest['tables'][string]> {
  const prefix = `archive/${day}/unloaded/${view}-`;
  const rows = `select * from public.${view} where day = ${literal(day)} order by ${identifier(id)}, slot`;
  await pool.query(
    `unload (${literal(rows)})
     to ${literal(`${flat.url}/${prefix}`)}
     iam_role ${literal(iamRole)}
     format csv header gzip manifest parallel off allowoverwrite`,
  );
  const manifest = unloadedSchema.parse(JSON.parse((await flat.get(`${prefix}manifest`)).toString()));
  const keys = manifest.entries.map(({ url }) => url.slice(flat.url.length + 1));
  const csv = new PassThrough();
  const joined = joinFiles(flat, keys, csv);
  const [sha256, lines] = await Promise.all([putArchiveTable(flat, day, view, csv), joined]);
  for (const key of [...keys, `${prefix}manifest`]) await flat.remove(key);
  return { rows: lines, sha256 };
}

/** Writes the files' lines one after the other, the header once. Returns how many, without it: no value here has a line break. */
async function joinFiles(flat: Store, keys: string[], into: PassThrough): Promise<number> {
  let lines = 0;
  async function* contents() {
    for (const [number, key] of keys.entries()) {
      let isHeader = true;
      const file = await flat.getStream(key);
      for await (const chunk of file.pipe(createGunzip()) as AsyncIterable<Buffer>) {
        const end = isHeader ? chunk.indexOf('\n') + 1 : 0;
        const body = chunk.subarray(end);
        for (const byte of body) if (byte === 0x0a) lines++;
        if (end > 0 || !isHeader) isHeader = false;
        yield number === 0 ? chunk : body;
      }
    }
  }
  await pipeline(contents, into);
  return lines;
}

async function forgetFacts(
  client: pg.PoolClient,
  { day, revision, tables }: Archived,
): Promise<number | null> {
  await lockPublications(client);
  await searchIn(client, PUBLISHED.ops, PUBLISHED.warehouse);
  if ((await revisionOf(client, day)) !== revision) return null;
  const counts: number[] = [];
  for (const { view, table } of FACTS) {
    const { rows } = await client.query<{ facts: string }>(
      `select count(*) as facts from ${table} where day = $1`,
      [day],
    );
    const facts = Number(rows[0]?.facts);
    const expected = tables[view]?.rows;
    if (facts !== expected)
      throw new Error(`${facts} facts of ${day} would leave, but ${expected} are in the archive`);
    await client.query(`delete from ${table} where day = $1`, [day]);
    counts.push(facts);
  }
  await client.query(
    `insert into archived_day (day, charging_point_facts, connector_facts, archived_at)
     values (${literal(day)}, ${counts.join(', ')}, sysdate)`,
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

async function revisionOf(client: pg.PoolClient, day: Day): Promise<number> {
  const { rows } = await client.query<{ revision: number | null }>(
    `select max(revision) as revision from ${PUBLISHED.ops}.day_revision where day = $1`,
    [day],
  );
  return rows[0]?.revision ?? 0;
}
