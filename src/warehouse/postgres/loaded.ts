import pg from 'pg';
import { storesRows } from './form.js';

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

export const RECENT_DAYS = 14;
/** What a warehouse holds that has no tables yet. */
export const NOTHING_LOADED: LoadedState = {
  day: null,
  revision: null,
  publishedAt: null,
  days: 0,
  latestQueryTime: null,
  wholeDays: [],
  awaitsRebuild: false,
};

const CONNECT_TIMEOUT_MS = 5_000;

/** Looks up what the warehouse holds; nothing where it has no tables yet. Throws an Error where it does not answer. */
export async function readLoadedState(url: string): Promise<LoadedState> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'ladepuls status',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  // A connection that is lost between two statements: the next one fails.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows: tables } = await client.query(`select where to_regclass('ops.day_revision') is not null`);
    if (tables.length === 0) return NOTHING_LOADED;
    const { rows: last } = await client.query<{ day: string; revision: number; published_at: Date }>(
      `select day::text, revision, published_at from ops.day_revision order by day desc, revision desc limit 1`,
    );
    const { rows: sums } = await client.query<{ days: number; latest: Date | null }>(
      `select (select count(distinct day)::int from ops.day_revision) as days, (select max(query_time) from time) as latest`,
    );
    const { rows: whole } = await client.query<{ day: string }>(
      `select distinct day::text from ops.day_revision where loaded_until is null order by 1 desc limit $1`,
      [RECENT_DAYS],
    );
    return {
      day: last[0]?.day ?? null,
      revision: last[0]?.revision ?? null,
      publishedAt: last[0]?.published_at.toISOString() ?? null,
      days: sums[0]?.days ?? 0,
      latestQueryTime: sums[0]?.latest?.toISOString() ?? null,
      wholeDays: whole.map(({ day }) => day),
      awaitsRebuild: await storesRows(client),
    };
  } finally {
    await client.end();
  }
}
