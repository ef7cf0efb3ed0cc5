import pg from 'pg';
import type { Dialect } from './load/dialect.js';

/** State of a warehouse: which days it has. */
export interface LoadedState {
  /** The latest loaded day; null if no day is loaded. */
  day: string | null;
  /** Latest revision of `day`; `publishedAt` is its time in ISO 8601, UTC. */
  revision: number | null;
  publishedAt: string | null;
  /** Number of loaded days. */
  days: number;
  /** Latest query_time in the warehouse, in ISO 8601, UTC. */
  latestQueryTime: string | null;
  /** The latest days that are loaded as a whole, in descending order, at most {@link RECENT_DAYS}. */
  wholeDays: string[];
  /** Whether facts have the form of an earlier version. Loads wait until the warehouse is rebuilt. */
  awaitsRebuild: boolean;
}

const RECENT_DAYS = 14;
/** State of a warehouse without tables. */
const NOTHING_LOADED: LoadedState = {
  day: null,
  revision: null,
  publishedAt: null,
  days: 0,
  latestQueryTime: null,
  wholeDays: [],
  awaitsRebuild: false,
};

/**
 * Read which days a warehouse has. Return an empty state if the warehouse has no tables yet.
 *
 * @param url address for the driver, `postgres://…`
 * @throws Error when the warehouse does not respond within `wakeTimeoutMs` milliseconds
 */
export async function readLoadedState(
  url: string,
  { awaitsRebuild, wakeTimeoutMs }: Pick<Dialect, 'awaitsRebuild' | 'wakeTimeoutMs'>,
): Promise<LoadedState> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'ladepuls status',
    connectionTimeoutMillis: wakeTimeoutMs,
  });
  // When the connection is lost between two statements, the next statement fails. Without this listener, the error
  // event would end the process.
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
