import pg from 'pg';
import { type LoadedState, NOTHING_LOADED, RECENT_DAYS } from '../loaded.js';
import { driverUrl } from './database.js';
import { awaitsRebuild } from './migrate.js';

/** A serverless workgroup that sleeps takes some seconds to wake. */
const CONNECT_TIMEOUT_MS = 30_000;

/** Looks up what the warehouse holds; nothing where it has no tables yet. Throws an Error where it does not answer. */
export async function readLoadedState(url: string): Promise<LoadedState> {
  const client = new pg.Client({
    connectionString: driverUrl(url),
    application_name: 'ladepuls status',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  // A connection that is lost between two statements: the next one fails.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows: tables } = await client.query(
      `select tablename from pg_tables where schemaname = 'ops' and tablename = 'day_revision'`,
    );
    if (tables.length === 0) return NOTHING_LOADED;
    const { rows: last } = await client.query<{ day: string; revision: number; published_at: Date }>(
      `select to_char(day, 'YYYY-MM-DD') as day, revision, published_at
       from ops.day_revision order by 1 desc, 2 desc limit 1`,
    );
    const { rows: days } = await client.query<{ days: string }>(
      'select count(distinct day) as days from ops.day_revision',
    );
    const { rows: times } = await client.query<{ latest: Date | null }>(
      'select max(query_time) as latest from public."time"',
    );
    const { rows: whole } = await client.query<{ day: string }>(
      `select distinct to_char(day, 'YYYY-MM-DD') as day from ops.day_revision
       where loaded_until is null order by 1 desc limit ${RECENT_DAYS}`,
    );
    return {
      day: last[0]?.day ?? null,
      revision: last[0]?.revision ?? null,
      publishedAt: last[0]?.published_at.toISOString() ?? null,
      days: Number(days[0]?.days ?? 0),
      latestQueryTime: times[0]?.latest?.toISOString() ?? null,
      wholeDays: whole.map(({ day }) => day),
      awaitsRebuild: await awaitsRebuild(client),
    };
  } finally {
    await client.end();
  }
}
