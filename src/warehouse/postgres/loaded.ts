import pg from 'pg';
import { type LoadedState, NOTHING_LOADED, RECENT_DAYS } from '../loaded.js';
import { storesRows } from './form.js';

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
