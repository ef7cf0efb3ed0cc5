import { existsSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createHistogram } from 'node:perf_hooks';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import pg from 'pg';
import { formatTable } from '../src/commands/console/table.js';
import { type Config, readConfig } from '../src/settings/config.js';
import { catchShutdownSignals } from '../src/local/shutdownSignals.js';
import { type Installation, type RequiredComponents, openInstallation } from '../src/app/installation.js';
import { openStore } from '../src/stores/open.js';
import { copyFacts } from './copyFacts.js';
import { removeHome } from './home.js';
import { loadOnce } from './loadTimes.js';
import { fillRaw } from './polls.js';

const USAGE = `npm run bench:api -- [--polls DIR] [--days 365] [--fact-days 14] [--seconds 300] [--connections 100] [--home DIR]

Asks the API of a warehouse with a year of measures and two weeks of facts, all made in SQL for the charging points of one
loaded day, from many connections at once, as fast as they are answered: first cold, that is after a start of Postgres
and the API, with nothing in the system's cache where root may empty it; then warm.

  --polls DIR       recorded poll files of one day; default: the simulated fleet
  --days N          days of events and hours; default 365
  --fact-days N     days of facts; default 14
  --seconds N       seconds of each round; default 300
  --connections N   connections, each of which asks again as soon as it is answered; default 100
  --rate N          requests a second of all together, at most; default: as many as are answered
  --home DIR        where the warehouse is made; it stays there, and another run uses it again
  --json FILE       where the figures are written; default bench-api.json`;

const { values: options } = parseArgs({
  options: {
    polls: { type: 'string' },
    days: { type: 'string', default: '365' },
    'fact-days': { type: 'string', default: '14' },
    seconds: { type: 'string', default: '300' },
    connections: { type: 'string', default: '100' },
    rate: { type: 'string' },
    home: { type: 'string' },
    json: { type: 'string', default: 'bench-api.json' },
    help: { type: 'boolean', default: false },
  },
});

/** Requests per minute and client address that the API allows. All requests of the bench come from one address. */
const REQUESTS_A_MINUTE = '1000000';
/** File by which Linux drops its page cache. Only root may write to it. */
const DROP_CACHES = '/proc/sys/vm/drop_caches';

interface Samples {
  stations: { id: number; longitude: number; latitude: number }[];
  points: string[];
}

/** Number of tiles on a map's side at zoom 12. A tile is about 6 km wide in Germany. Maps request data tile by tile. */
const TILES = 2 ** 12;
/** Maximum distance of a person from a station, in degrees of longitude and latitude. */
const AROUND = 0.02;

/**
 * Requests by kind, with their share in percent. Each request asks for a random station or charging point.
 * Requests for stations near a location never repeat. The other requests may repeat, and the API then answers them from
 * its response cache.
 */
const MIX: Record<string, { share: number; path: (samples: Samples) => string }> = {
  stations: {
    share: 15,
    path: ({ stations }) => `/v1/stations?limit=50&free=true&cursor=${cursorOf(any(stations).id)}`,
  },
  bbox: { share: 30, path: ({ stations }) => `/v1/stations?bbox=${tileOf(any(stations))}` },
  near: {
    share: 10,
    path: ({ stations }) => {
      const { longitude, latitude } = any(stations);
      const near = [longitude, latitude].map((at) => (at + (Math.random() - 0.5) * AROUND).toFixed(5));
      return `/v1/stations?near=${near.join(',')}&radius=2000&limit=20`;
    },
  },
  point: { share: 15, path: ({ points }) => `/v1/charging-points/${any(points)}` },
  history: { share: 15, path: ({ points }) => `/v1/charging-points/${any(points)}/history` },
  utilization: { share: 15, path: ({ stations }) => `/v1/utilization?station=${any(stations).id}` },
};

/**
 * Return the tile of a location as west, south, east, north: https://wiki.openstreetmap.org/wiki/Slippy_map_tilenames.
 */
function tileOf({ longitude, latitude }: { longitude: number; latitude: number }): string {
  const x = Math.floor(((longitude + 180) / 360) * TILES);
  const y = Math.floor(((1 - Math.asinh(Math.tan((latitude * Math.PI) / 180)) / Math.PI) / 2) * TILES);
  const west = (x / TILES) * 360 - 180;
  const north = (at: number) => (Math.atan(Math.sinh(Math.PI * (1 - (2 * at) / TILES))) * 180) / Math.PI;
  return [west, north(y + 1), west + 360 / TILES, north(y)].map((at) => at.toFixed(6)).join(',');
}

async function run(): Promise<void> {
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'ladepuls-api-')));
  const signals = catchShutdownSignals();
  const env = { ...process.env, LADEPULS_HOME: home, LADEPULS_API_REQUESTS: REQUESTS_A_MINUTE };
  const open = (needs: RequiredComponents) =>
    openInstallation({
      config: readConfig(env),
      env,
      needs,
      mode: 'command',
      signal: signals.stop,
      hurry: signals.hurry,
      onProgress: (line) => console.log(line),
    });
  try {
    if (!existsSync(join(home, MADE))) {
      const day = await fillHome(readConfig(env));
      await during(await open({ temporal: true, postgres: true, worker: true }), async (installation) => {
        await loadOnce(installation, day);
        await makePast(installation.databaseUrl ?? '', day);
      });
      await writeFile(join(home, MADE), day);
    }
    const isCold = await writeFile(DROP_CACHES, '3').then(
      () => true,
      () => false,
    );
    if (!isCold) console.log(`the system's cache can't be emptied: only Postgres begins cold`);
    await during(await open({ postgres: true, api: true }), async ({ addresses, databaseUrl }) => {
      const { apiUrl = '' } = addresses;
      const samples = await readSamples(databaseUrl ?? '');
      await askOnce(apiUrl, samples);
      const rounds = [];
      for (const name of ['cold', 'warm']) {
        console.log(`${name}: ${options.seconds} s …`);
        rounds.push({ name, ...(await ask(apiUrl, samples)) });
      }
      await report(rounds);
    });
  } finally {
    if (options.home === undefined) await removeHome(home);
    signals.dispose();
  }
}

const GZIP = { 'accept-encoding': 'gzip' };
/** File in the home directory that shows that the warehouse is filled. */
const MADE = 'made';

async function fillHome(config: Config): Promise<string> {
  const raw = openStore(config.stores.raw);
  return fillRaw(raw, config, options.polls).finally(() => raw.close());
}

async function during(
  installation: Installation,
  work: (installation: Installation) => Promise<void>,
): Promise<void> {
  await work(installation).finally(() => installation.close());
}

/** Fill the warehouse, by SQL, with a past of every charging point up to the loaded day, and with current statuses. */
async function makePast(url: string, lastDay: string): Promise<void> {
  const [days, factDays] = [Number(options.days), Number(options['fact-days'])];
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    console.log(`making ${days} days of events and hours …`);
    await client.query(`set timezone = 'UTC'; truncate status_event, status_hour, calendar_hour`);
    for (let month = -Math.ceil(days / 28); month <= 0; month++) {
      const first = `(date_trunc('month', '${lastDay}'::date) + interval '${month} months')::date`;
      await client.query(
        `do $$ begin execute format(
           'create table if not exists ops.status_hour_%s partition of status_hour for values from (%L) to (%L)',
           to_char(${first}, 'YYYYMM'), ${first}, (${first} + interval '1 month')::date); end $$`,
      );
    }
    await client.query(
      `insert into calendar_hour
       select hour, day, extract(hour from local), extract(dow from local), extract(week from local),
         extract(month from local), extract(year from local)
       from generate_series(('${lastDay}'::date - ${days})::timestamptz, '${lastDay}'::timestamptz + interval '23 hours', interval '1 hour') hour,
         lateral (select hour at time zone 'Europe/Berlin' as local) l, lateral (select local::date as day) d`,
    );
    // Each day gets four charging events, and the events between them.
    await client.query(
      `insert into status_event
       select id_cp, start_at, end_at, (start_at at time zone 'Europe/Berlin')::date,
         extract(epoch from end_at - start_at) / 60, 10, status,
         case status when 'CHARGING' then 'AVAILABLE' else 'CHARGING' end, case status when 'CHARGING' then 'AVAILABLE' else 'CHARGING' end
       from charging_point, generate_series('${lastDay}'::date - ${days}, '${lastDay}'::date, interval '6 hours') at,
         lateral (select at + (abs(hashtext(id_cp || at::text)) % 18) * interval '10 minutes' as began) b,
         lateral (values (began, began + interval '60 minutes', 'CHARGING'),
                         (began + interval '60 minutes', at + interval '6 hours', 'AVAILABLE')) e (start_at, end_at, status)`,
    );
    await client.query(
      `insert into status_hour
       select calendar.day, calendar.hour, id_cp, status, minutes
       from charging_point, calendar_hour calendar,
         lateral (select abs(hashtext(id_cp || hour::text)) % 20 as chance) c,
         lateral (values ('CHARGING', least(60, greatest(0, chance - 13) * 10)), ('AVAILABLE', 60 - least(60, greatest(0, chance - 13) * 10))) s (status, minutes)
       where minutes > 0`,
    );
    await client.query(
      `update charging_station_history set valid_from = valid_from - interval '${days} days';
       update charging_point_history set valid_from = valid_from - interval '${days} days';
       update connector_history set valid_from = valid_from - interval '${days} days';
       update charging_point set retired_at = null; update charging_station set retired_at = null`,
    );
    await client.query(
      `insert into current_status
       select id_cp, feed, (array['AVAILABLE', 'CHARGING', 'OUTOFORDER'])[1 + abs(hashtext(id_cp)) % 3], now() - interval '2 hours',
         null, now(), 1440 from charging_point on conflict do nothing`,
    );
    console.log(`making ${factDays} days of facts …`);
    for (let back = 1; back <= factDays; back++) await copyFacts(client, lastDay, back);
    await client.query('analyze');
    const { rows: sizes } = await client.query<{
      size: string;
      events: string;
      hours: string;
      facts: string;
    }>(
      `select pg_size_pretty(pg_database_size(current_database())) as size, (select count(*) from status_event) as events,
         (select count(*) from status_hour) as hours,
         (select count(*) from status_chargingpoints) + (select count(*) from status_connectors) as facts`,
    );
    console.log(sizes[0]);
  } finally {
    await client.end();
  }
}

async function readSamples(url: string): Promise<Samples> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: stations } = await client.query<Samples['stations'][number]>(
      'select id_cs::float as id, longitude, latitude from charging_station where longitude is not null',
    );
    const { rows: points } = await client.query<{ id: string }>('select id_cp as id from charging_point');
    return { stations, points: points.map(({ id }) => id) };
  } finally {
    await client.end();
  }
}

/**
 * Send one request of each kind, so that no failing kind is measured.
 *
 * @throws Error when a request is not answered successfully
 */
async function askOnce(url: string, samples: Samples): Promise<void> {
  for (const [kind, { path }] of Object.entries(MIX)) {
    const asked = path(samples);
    const answer = await fetch(url + asked);
    if (!answer.ok) throw new Error(`${kind}: ${asked} is answered ${answer.status}: ${await answer.text()}`);
  }
}

interface Round {
  requestsPerSecond: number;
  /** Number of responses with a status other than 200. */
  refused: number;
  errors: number;
  /** Milliseconds, over all responses and for each kind. */
  latency: Record<string, { p50: number; p95: number; p99: number; longest: number }>;
}

async function ask(url: string, samples: Samples): Promise<Round> {
  const histograms = new Map(['all', ...Object.keys(MIX)].map((name) => [name, createHistogram()]));
  const kinds = Object.entries(MIX).flatMap(([name, { share }]) => Array<string>(share).fill(name));
  let refused = 0;
  const seconds = Number(options.seconds);
  const running = autocannon({
    url,
    connections: Number(options.connections),
    duration: seconds,
    ...(options.rate !== undefined && { overallRate: Number(options.rate) }),
    setupClient: (client) => {
      let kind = '';
      client.setRequests([
        {
          method: 'GET',
          setupRequest: (request) => {
            kind = any(kinds);
            return { ...request, path: MIX[kind]?.path(samples) ?? '/', headers: GZIP };
          },
        },
      ]);
      client.on('response', (status: number, _bytes: number, milliseconds: number) => {
        if (status !== 200) refused++;
        for (const name of ['all', kind])
          histograms.get(name)?.record(Math.max(1, Math.round(milliseconds * 1000)));
      });
    },
  });
  const result = await running;
  const latency = Object.fromEntries(
    [...histograms].map(([name, histogram]) => {
      const at = (percentile: number) => histogram.percentile(percentile) / 1000;
      return [name, { p50: at(50), p95: at(95), p99: at(99), longest: histogram.max / 1000 }];
    }),
  );
  return { requestsPerSecond: result.requests.total / seconds, refused, errors: result.errors, latency };
}

async function report(rounds: (Round & { name: string })[]): Promise<void> {
  const rows = rounds.flatMap(({ name, latency, requestsPerSecond, refused, errors }) =>
    Object.entries(latency).map(([kind, { p50, p95, p99, longest }]) => [
      name,
      kind,
      ...[p50, p95, p99, longest].map((ms) => Math.round(ms * 10) / 10),
      ...(kind === 'all' ? [Math.round(requestsPerSecond), refused, errors] : ['', '', '']),
    ]),
  );
  console.log(
    formatTable(
      ['round', 'asked', 'p50 ms', 'p95 ms', 'p99 ms', 'longest', 'requests/s', 'not 200', 'errors'],
      rows,
    ),
  );
  await writeFile(options.json, JSON.stringify({ options, rounds }, null, 2));
}

function any<T>(list: readonly T[]): T {
  const one = list[Math.floor(Math.random() * list.length)];
  if (one === undefined) throw new Error('there is nothing to choose from');
  return one;
}

const cursorOf = (id: number) => Buffer.from(JSON.stringify([id])).toString('base64url');

if (options.help) console.log(USAGE);
else await run();
