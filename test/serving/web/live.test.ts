import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Outcome } from '../../../src/domain/outcome.js';
import { slotOf } from '../../../src/domain/slot.js';
import { openPostgresCurrent } from '../../../src/warehouse/postgres/current.js';
import { envelope, FEED, point, putPoll, station, ZONE } from '../../cleaning/support/polls.js';
import { dayOf } from '../../../src/domain/day.js';
import { type LoadBench, loadDay, makeBench } from '../../warehouse/support/loads.js';
import { query } from '../../warehouse/support/query.js';
import { keepAll, openWeb, type TestWeb } from './support/web.js';

const MINUTE_MS = 60_000;
/** The last slot before the current one, by the machine's clock. */
const SLOT = slotOf(Date.now(), 10) - 10 * MINUTE_MS;

let bench: LoadBench & { remove: () => Promise<void> };
let web: TestWeb;

const showAt = async (slot: number, ...statuses: string[]) => {
  const evses = statuses.map((status, index) => point(`1${index}`, status));
  const place = { coordinates: { latitude: '50.94', longitude: '6.96' }, city: 'Köln', country: 'DEU' };
  return putPoll(bench.raw, { slot, body: envelope(slot, [station('1', evses, place)]) });
};

/** Update the current statuses by a slot's answer, as the slot's workflow run does. */
async function keep(slot: number, ...statuses: string[]): Promise<void> {
  const current = openPostgresCurrent(bench.url);
  const outcome: Outcome = { feed: FEED, outcome: 'stored', reason: null, key: '', attempts: 1 };
  const shown = new Map(statuses.map((status, index) => [`1${index}`, status]));
  const counts = { chargingPoints: shown.size, unidentified: 0 };
  await current.keep(
    { slot, feeds: [{ ...outcome, statuses: shown, counts, intervalMinutes: 10 }] },
    { bridgedSlots: 2 },
  );
  await current.close();
}

beforeAll(async () => {
  bench = await makeBench();
  for (const back of [2, 1, 0])
    await showAt(SLOT - back * 10 * MINUTE_MS, 'AVAILABLE', 'CHARGING', 'OUTOFORDER');
  for (const day of new Set([2, 1, 0].map((back) => dayOf(SLOT - back * 10 * MINUTE_MS, ZONE))))
    await loadDay(bench, day);
  await keepAll(bench);
  web = await openWeb(bench.url);
});

afterAll(async () => {
  await web.close();
  await bench.remove();
});

it('says what is free now, and what is not any more as soon as the next poll is kept', async () => {
  const free = () => web.json<{ data: object[] }>('/v1/stations?free=true');
  expect((await free()).data).toMatchObject([
    { id_cs: 1, charging_points: 3, available: 1, occupied: 1, out_of_service: 1, unknown: 0 },
  ]);
  expect(await web.json('/v1/charging-points?status_group=occupied')).toMatchObject({
    data: [{ id_cp: '11', now: { status: 'CHARGING', status_group: 'occupied', is_fresh: true } }],
  });
  await keep(SLOT + 10 * MINUTE_MS, 'CHARGING', 'CHARGING', 'OUTOFORDER');
  await expect.poll(async () => (await free()).data, { timeout: 5_000 }).toEqual([]);
  expect(await web.json('/v1/charging-points/10')).toMatchObject({
    now: {
      status: 'CHARGING',
      since: new Date(SLOT + 10 * MINUTE_MS).toISOString().replace('.000', ''),
      since_at_least: false,
    },
  });
  expect(await web.json('/v1/stations/1')).toMatchObject({ available: 0, occupied: 2, points: [{}, {}, {}] });
});

it('an answer that is too old says nothing of now, and OCPI says UNKNOWN', async () => {
  const answers = () =>
    web.json<{ data: { evses: { status: string }[] }[] }>('/ocpi/2.2.1/locations').then(({ data }) => data);
  // OCPI requires all properties of connectors, of which this feed does not send all.
  await query(
    bench.url,
    `update connector set standard = 'IEC_62196_T2', format = 'SOCKET', power_type = 'AC_3_PHASE', voltage = 400, ampere = 32`,
  );
  expect((await answers())[0]?.evses.map(({ status }) => status)).toEqual([
    'CHARGING',
    'CHARGING',
    'OUTOFORDER',
  ]);
  await query(bench.url, `update charging_point set retired_at = now() where id_cp = '12'`);
  await query(
    bench.url,
    `update current_status set slot = slot - interval '1 hour', since = since - interval '2 hours' where id_cp = '10'`,
  );
  expect((await answers())[0]?.evses.map(({ status }) => status)).toEqual(['UNKNOWN', 'CHARGING', 'REMOVED']);
  await query(bench.url, 'update charging_point set retired_at = null');
});

it('finds a city in either form of Unicode, and in any case', async () => {
  for (const name of ['Köln', 'köln', 'Ko\u0308ln'])
    expect(await web.json(`/v1/stations?city=${encodeURIComponent(name)}`), name).toMatchObject({
      data: [{ id_cs: 1 }],
    });
});

it('shows what it has as GeoJSON', async () => {
  const response = await web.get('/v1/stations.geojson');
  expect(response.headers['content-type']).toContain('application/geo+json');
  expect(response.json()).toMatchObject({
    type: 'FeatureCollection',
    features: [
      { type: 'Feature', geometry: { type: 'Point', coordinates: [6.96, 50.94] }, properties: { id_cs: 1 } },
    ],
  });
});

it('sends an answer once to whom has it, and compressed to whom can read it', async () => {
  const path = '/v1/charging-points?limit=3';
  const first = await web.get(path);
  const { etag } = first.headers;
  expect(first.headers['content-encoding']).toBeUndefined();
  const again = await web.get(path, { 'if-none-match': String(etag) });
  expect([again.statusCode, again.body]).toEqual([304, '']);
  const zipped = await web.get(path, { 'accept-encoding': 'gzip, br' });
  expect(zipped.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding', etag });
  expect(gunzipSync(zipped.rawPayload).toString()).toBe(first.body);
  expect((await web.get(path, { 'accept-encoding': 'gzip;q=0' })).body).toBe(first.body);
  await keep(SLOT + 20 * MINUTE_MS, 'AVAILABLE', 'AVAILABLE', 'AVAILABLE');
  const changed = async () => (await web.get(path, { 'if-none-match': String(etag) })).statusCode;
  await expect.poll(changed, { timeout: 5_000 }).toBe(200);
});

it('has what was the same while polls go on, until somebody decides otherwise', async () => {
  const [now, was] = ['/v1/charging-points/12', '/v1/charging-points/12/history'];
  const etags = new Map<string, string>();
  for (const path of [now, was]) etags.set(path, String((await web.get(path)).headers.etag));
  const statusOf = async (path: string) =>
    (await web.get(path, { 'if-none-match': etags.get(path) ?? '' })).statusCode;
  await keep(SLOT + 30 * MINUTE_MS, 'AVAILABLE', 'AVAILABLE', 'RESERVED');
  await expect.poll(() => statusOf(now), { timeout: 5_000 }).toBe(200);
  expect(await statusOf(was)).toBe(304);
  const decide = (group: string) =>
    query(
      bench.url,
      `update config.status_group set status_group = '${group}' where status = 'OUTOFORDER' returning status`,
    );
  const groups = async () =>
    (await web.json<{ data: { status_group: string }[] }>(was)).data.map((event) => event.status_group);
  expect(new Set(await groups())).toEqual(new Set(['out_of_service']));
  await decide('unknown');
  await expect.poll(groups, { timeout: 5_000 }).toContain('unknown');
  await decide('out_of_service');
  await expect.poll(groups, { timeout: 5_000 }).toContain('out_of_service');
});

it.each([
  ['/v1/stations?limit=0', 'limit'],
  ['/v1/stations?limit=1001', 'limit'],
  ['/v1/stations?limit=x', 'limit'],
  ['/v1/stations?bbox=1,2', 'bbox: degrees, as in west,south,east,north'],
  ['/v1/stations?bbox=7,51,6,50', 'bbox: west,south must be the lower left corner'],
  ['/v1/stations?bbox=7,91,8,92', 'bbox: out of range'],
  ['/v1/stations?near=a,b', 'near: degrees, as in longitude,latitude'],
  ['/v1/stations?near=7,51&radius=1000000', 'radius'],
  ['/v1/stations?city=%00', 'city: has characters that no text has'],
  ['/v1/stations?free=maybe', 'free'],
  ['/v1/stations?colour=red', 'Unrecognized key: "colour"'],
  ['/v1/stations?cursor=abc', 'cursor: no cursor of this list: follow "next"'],
  [`/v1/stations?cursor=${Buffer.from('[1.5, 3]').toString('base64url')}`, 'cursor: no cursor of this list'],
  [`/v1/stations?cursor=${Buffer.from('["x"]').toString('base64url')}`, 'cursor: no cursor of this list'],
  ['/v1/stations/99999999999999999', 'id_cs'],
  ['/v1/charging-points/a%00b', 'id_cp'],
  ['/v1/charging-points/10/history?from=2022-02-30', 'from: a day such as 2022-01-31'],
  [
    '/v1/charging-points/10/history?from=2022-02-03&to=2022-02-01',
    'from: 2022-02-03 is after to, 2022-02-01',
  ],
  ['/v1/charging-events?from=2020-01-01&to=2022-01-01', '366 days at most'],
  ['/v1/utilization', 'name one of charging_point, station and city'],
  ['/v1/utilization?station=1&city=K', 'name one of charging_point, station and city'],
  ['/v1/utilization?station=1&by=minute', 'by'],
  ['/v1/utilization?city=K&from=2022-01-01&to=2022-03-01', '31 days at most'],
  ['/ocpi/2.2.1/locations?date_from=yesterday', 'date_from: an instant such as 2022-01-31T10:20:00Z'],
])('refuses %s with 400 and what is wrong with it', async (path, detail) => {
  const refusal = await web.refusal(path);
  expect(refusal.status).toBe(400);
  expect(refusal.detail).toContain(detail);
});

it.each([
  '/v1/stations/4711',
  '/v1/charging-points/none',
  '/ocpi/2.2.1/locations/4711',
  '/ocpi/2.2.1/locations/1/none',
  '/ocpi/2.2.1/locations/1/10/none',
  '/v2/stations',
])('says of %s that it is not there', async (path) => {
  expect(await web.refusal(path)).toMatchObject({
    status: 404,
    detail: expect.stringMatching(/no/) as string,
  });
});

it('is for reading', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'] as const) {
    const response = await web.server.inject({ method, url: '/v1/stations', payload: {} });
    expect([response.statusCode, response.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS']);
  }
  const url = '/v1/stations?limit=9';
  const head = await web.server.inject({ method: 'HEAD', url });
  expect([head.statusCode, head.body]).toEqual([200, '']);
  expect((await web.get(url)).json()).toMatchObject({ data: [{ id_cs: 1 }] });
  expect((await web.server.inject({ method: 'HEAD', url })).body).toBe('');
});

it('lets one address ask so often in a minute, and says when it may go on', async () => {
  const narrow = await openWeb(bench.url, { requestsPerMinute: 3 });
  for (let asked = 0; asked < 3; asked++) expect((await narrow.get('/v1/feeds')).statusCode).toBe(200);
  expect(await narrow.refusal('/v1/feeds')).toMatchObject({ status: 429 });
  expect(Number((await narrow.get('/v1/feeds')).headers['retry-after'])).toBeGreaterThan(0);
  await narrow.close();
});

it('says that the warehouse does not answer, and answers again when it does', async () => {
  const gone = await openWeb('postgres://nobody@127.0.0.1:1/nothing');
  for (const path of ['/v1/stations', '/health', '/ocpi/2.2.1/locations'])
    expect(await gone.refusal(path)).toMatchObject({ status: 503 });
  await gone.close();
});

it('reads as a role that can only read', async () => {
  const [{ n } = { n: NaN }] = await query(bench.url, 'select count(*)::int as n from charging_station');
  await expect(
    web.queries.stations({ city: `x'; delete from charging_station; --` }, { limit: 1 }),
  ).resolves.toEqual([]);
  expect((await query(bench.url, 'select count(*)::int as n from charging_station'))[0]).toEqual({ n });
});
