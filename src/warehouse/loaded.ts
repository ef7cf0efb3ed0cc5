import pg from 'pg';
import type { Dialect } from './load/dialect.js';

/** What a warehouse holds. */
export interface LoadedState {
  /** The latest day that is loaded; null where none is. */
  day: string | null;
  /** That day's latest revision, and when it was published, ISO. */
  revision: number | null;
  publishedAt: string | null;
  /** How many days are loaded. */
  days: number;
  /** The latest answer's time, ISO. */
  latestQueryTime: string | null;
  /** The last days that are loaded as a whole, at most {@link RECENT_DAYS}, the latest first. */
  wholeDays: string[];
  /** It stores facts in the form of an earlier version: loads wait until it is rebuilt. */
  awaitsRebuild: boolean;
}

const RECENT_DAYS = 14;
/** What a warehouse holds that has no tables yet. */
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
 * Looks up what the warehouse at a client's address holds; nothing where it has no tables yet. Throws an Error where it does
 * not answer.
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
