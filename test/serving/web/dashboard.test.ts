import { expect, it, onTestFinished } from 'vitest';
import { dayOf } from '../../../src/domain/day.js';
import { slotOf } from '../../../src/domain/slot.js';
import { dashboardPage } from '../../../src/serving/web/dashboard/page.js';
import { FEED, envelope, point, putPoll, station, ZONE } from '../../cleaning/support/polls.js';
import { type LoadBench, loadDay, makeBench } from '../../warehouse/support/loads.js';
import { query } from '../../warehouse/support/query.js';
import { showTimeline } from '../../warehouse/support/timeline.js';
import { keepAll, openWeb, type TestWeb } from './support/web.js';

const INTERVAL_MS = 10 * 60_000;

/** Create a warehouse and its web server, which are removed at the end of the test. */
async function open(): Promise<{ bench: LoadBench; web: TestWeb }> {
  const bench = await makeBench();
  const web = await openWeb(bench.url);
  onTestFinished(async () => {
    await web.close();
    await bench.remove();
  });
  return { bench, web };
}

/** Return the texts of a table's rows, by the first text of each row. */
function rowsOf(html: string, heading: string): Record<string, string[]> {
  const [, section = ''] = html.split(`<h2>${heading}</h2>`);
  const [body = ''] = /<tbody>.*?<\/tbody>/s.exec(section) ?? [];
  const rows = body.split('<tr>').slice(1);
  return Object.fromEntries(
    rows.map((row) => {
      const [first = '', ...others] = row.split(/<\/t[hd]>/).map((cell) => cell.replaceAll(/<[^>]*>/g, ''));
      return [first, others.slice(0, -1)];
    }),
  );
}

/** Return the figures of the page, by name. */
function figuresOf(html: string): Record<string, string> {
  return Object.fromEntries(
    [...html.matchAll(/<dt>(.*?)<\/dt><dd>(.*?)<\/dd>/gs)].map(([, name = '', value = '']) => [name, value]),
  );
}

it('shows what is now, by city, and which feeds answer', async () => {
  const { bench, web } = await open();
  const slot = slotOf(Date.now(), 10) - INTERVAL_MS;
  const at = (longitude: string, latitude: string) => ({ coordinates: { longitude, latitude } });
  const stations = [
    station(
      '1',
      [point('10', 'AVAILABLE'), point('11', 'CHARGING'), point('12', 'OUTOFORDER')],
      at('6.96', '50.94'),
    ),
    station('2', [point('20', 'CHARGING')], at('6.98', '50.96')),
    station('3', [point('30', 'UNKNOWN')], { ...at('7.1', '50.73'), city: '<script>alert(1)</script>' }),
    station('4', [point('40', 'AVAILABLE')], { city: undefined }),
  ];
  await putPoll(bench.raw, { slot, body: envelope(slot, stations) });
  await loadDay(bench, dayOf(slot, ZONE));
  await keepAll(bench);

  const response = await web.get('/');
  expect([response.statusCode, response.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  const html = response.body;
  expect(figuresOf(html)).toMatchObject({
    'charging points': '6',
    available: '2',
    occupied: '2',
    'out of service': '1',
    unknown: '1',
    stations: '4',
    'feeds that answer': '1 of 1',
    'loaded up to': dayOf(slot, ZONE),
  });
  expect(rowsOf(html, 'Cities')).toEqual({
    Köln: ['2', '4', '1', '2', '1', '0', '50.0 %'],
    '&lt;script>alert(1)&lt;/script>': ['1', '1', '0', '0', '0', '1', ''],
    'not known': ['1', '1', '1', '0', '0', '0', '0.0 %'],
  });
  expect(html).not.toContain('<script');
  expect(rowsOf(html, 'Feeds')[FEED]?.slice(1)).toEqual(['stored', expect.any(String), '6', '']);
  expect(html, 'a map of the one city that is known to be somewhere and used').toContain(
    'In use now, by city',
  );
  // Every link has a response.
  const links = [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map(
    ([, link = '']) => `/${link.replaceAll('&amp;', '&')}`,
  );
  expect(links).toContain('/v1/stations?city=K%C3%B6ln');
  for (const link of links) expect([link, (await web.get(link)).statusCode]).toEqual([link, 200]);

  // A status from an hour ago is no longer current, and a new poll is shown immediately.
  await query(
    bench.url,
    `update current_status set slot = slot - interval '1 hour', since = since - interval '1 hour'`,
  );
  await query(
    bench.url,
    `update current_feed set slot = slot - interval '1 hour', stored_slot = stored_slot - interval '1 hour'`,
  );
  const later = async () => figuresOf((await web.get('/')).body);
  await expect
    .poll(later, { timeout: 5_000 })
    .toMatchObject({ 'charging points': '6', unknown: '6', 'feeds that answer': '0 of 1' });
});

it('draws the last days hour by hour, of which every observed minute is in one state', async () => {
  const { bench, web } = await open();
  await showTimeline(bench, '2022-03-26', 'a*144');
  // On this day, clocks go forward, so that it has 23 hours. The third hour has no observations.
  await showTimeline(bench, '2022-03-27', 'a*6 c*3 o*3 .*6 u*6 a*100');
  await loadDay(bench, '2022-03-26');
  await loadDay(bench, '2022-03-27');

  const hours = await web.queries.hours({ from: '2022-03-26', to: '2022-03-27' });
  expect(hours).toHaveLength(24 + 23);
  const minutes = hours.map((hour) => [
    hour.hour_of_day,
    hour.available_minutes,
    hour.occupied_minutes,
    hour.out_of_service_minutes,
    hour.unknown_minutes,
  ]);
  expect(minutes.slice(23, 29)).toEqual([
    [23, 60, 0, 0, 0],
    [0, 60, 0, 0, 0],
    [1, 0, 30, 30, 0],
    [3, 0, 0, 0, 0],
    [4, 0, 0, 0, 60],
    [5, 60, 0, 0, 0],
  ]);
  const [total] = await query(bench.url, 'select sum(minutes)::int as sum from status_hour');
  expect(minutes.flatMap(([, ...states]) => states).reduce((a, b) => a + b, 0)).toBe(total?.sum);

  const image = await web.get('/dashboard/hours.svg');
  expect([image.statusCode, image.headers['content-type']]).toEqual([200, 'image/svg+xml']);
  for (const text of ['2022-03-26', '2022-03-27', 'occupied', 'out of service', '100.0 %'])
    expect(image.body).toContain(text);
});

it('stays small where there are thousands of cities', () => {
  const cities = Array.from({ length: 12_000 }, (_, index) => ({
    city: `City ${index}`,
    stations: 1,
    longitude: 6 + (index % 90) / 10,
    latitude: 47.5 + (index % 70) / 10,
    charging_points: 2,
    available: 1,
    occupied: 1,
    out_of_service: 0,
    unknown: 0,
    observed_at: null,
  }));
  const html = dashboardPage({
    cities,
    feeds: [],
    loaded: null,
    hoursImage: '',
    timeZone: ZONE,
    isSimulated: false,
  });
  expect(figuresOf(html)).toMatchObject({ 'charging points': '24,000', stations: '12,000' });
  expect(Object.keys(rowsOf(html, 'Cities'))).toHaveLength(100);
  expect(html).toContain('The first 100 of 12000.');
  expect([...html.matchAll(/ecmeta_series_index="0"/g)]).toHaveLength(1000);
});

it('says so where nothing is loaded yet, and nothing was asked', async () => {
  const { bench, web } = await open();
  const { body } = await web.get('/');
  expect(body).toContain('Nothing is loaded yet');
  expect(figuresOf(body)).toMatchObject({
    'charging points': '0',
    'feeds that answer': '0 of 0',
    'loaded up to': 'nothing',
    'last accepted answer': 'none',
  });
  expect(body).not.toContain('hours.svg');
  expect(body).not.toContain('SIMULATED');
  expect(await web.refusal('/dashboard/hours.svg')).toEqual({
    status: 404,
    detail: 'Nothing is loaded yet.',
  });
  const simulated = await openWeb(bench.url, { isSimulated: true });
  expect((await simulated.get('/')).body).toContain('SIMULATED data');
  await simulated.close();
  // A feed is shown as soon as its first poll is stored, before the day is loaded.
  const slot = slotOf(Date.now(), 10);
  await putPoll(bench.raw, { slot, body: envelope(slot, [station('1', [point('10')])]) });
  await keepAll(bench);
  await expect
    .poll(async () => figuresOf((await web.get('/')).body), { timeout: 5_000 })
    .toMatchObject({
      'charging points': '0',
      'feeds that answer': '1 of 1',
    });
});
