import { pino } from 'pino';
import { expect } from 'vitest';
import { keepCurrent } from '../../../../src/activities/keepCurrent.js';
import { listStored, listRawDays, listRawFeeds } from '../../../../src/stores/raw.js';
import { openPostgresQueries } from '../../../../src/warehouse/postgres/queries.js';
import { openPostgresCurrent } from '../../../../src/warehouse/postgres/current.js';
import { createServer, type ServerOptions } from '../../../../src/serving/web/server.js';
import { readStatuses } from '../../../support/intake.js';
import { runActivity } from '../../../activities/support/runActivity.js';
import { ZONE } from '../../../cleaning/support/polls.js';
import type { LoadBench } from '../../../warehouse/support/loads.js';

export type TestWeb = Awaited<ReturnType<typeof openWeb>>;

/** Open the API on the warehouse of a bench. The caller closes it. */
export async function openWeb(url: string, options: Partial<ServerOptions> = {}) {
  const queries = openPostgresQueries(url, { connections: 4, timeoutMs: 10_000, bridgedSlots: 2 });
  const server = await createServer({
    queries,
    timeZone: ZONE,
    requestsPerMinute: 1_000_000,
    proxies: 0,
    host: '127.0.0.1',
    names: [],
    origins: [],
    version: '1.2.3',
    isSimulated: false,
    log: pino({ level: 'error' }),
    ...options,
  });
  const get = (path: string, headers: Record<string, string> = {}) =>
    server.inject({ method: 'GET', url: path, headers });
  return {
    server,
    queries,
    get,
    /** Return the JSON of a successful response. */
    async json<T = unknown>(path: string): Promise<T> {
      const response = await get(path);
      expect([response.statusCode, response.statusCode === 200 ? '' : response.body]).toEqual([200, '']);
      return response.json();
    },
    /** Return the status and the detail by which a request is refused. */
    async refusal(path: string): Promise<{ status: number; detail: string }> {
      const response = await get(path);
      expect(response.headers['content-type']).toContain('application/problem+json');
      const { status, detail } = response.json<{ status: number; detail: string }>();
      expect(status).toBe(response.statusCode);
      return { status, detail };
    },
    async close() {
      await server.close();
      await queries.close();
    },
  };
}

/** Update the current statuses from all answers in the raw store, as if they were polled slot by slot now. */
export async function keepAll({ raw, url }: Pick<LoadBench, 'raw' | 'url'>): Promise<void> {
  const current = openPostgresCurrent(url);
  const deps = { raw, readStatuses, current, bridgedSlots: 2 };
  for (const feed of await listRawFeeds(raw, 'accepted'))
    for (const day of await listRawDays(raw, 'accepted', feed))
      for (const { slot, key } of await listStored(raw, 'accepted', feed, day)) {
        const outcome = { feed, outcome: 'stored', reason: null, key, attempts: 1 } as const;
        await runActivity(keepCurrent, deps, { slot, intervalMinutes: 10, outcomes: [outcome] });
      }
  await current.close();
}
