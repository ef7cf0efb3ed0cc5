import { beforeAll, describe, expect, it } from 'vitest';
import { page } from '../../../src/serving/reports/page.js';
import type { RowKind, ReportName } from '../../../src/serving/reports/names.js';
import { readLocations } from '../../../src/serving/reports/locations.js';
import { readReport } from '../../../src/serving/reports/report.js';
import { readFindings } from '../../../src/warehouse/open.js';
import { point, station } from '../../cleaning/support/polls.js';
import { type LoadBench, loadDay, makeBench } from '../../warehouse/support/loads.js';
import { showTimeline } from '../../warehouse/support/timeline.js';

const DAYS = ['2022-01-07', '2022-01-08'] as const;
const HOSTILE = '<script>alert("Köln")</script>';

const at = (latitude: string, longitude: string) => ({ coordinates: { latitude, longitude } });

let bench: LoadBench;
beforeAll(async () => {
  const { remove, ...made } = await makeBench();
  bench = made;
  const shown = (status: string) => [
    station('1', [point('11', status)], { name: HOSTILE, city: HOSTILE, ...at('50.94', '6.96') }),
    station('2', [point('21')], { city: 'Kiel', ...at('54.32', '10.14') }),
    station('3', [point('31')], { city: 'Nowhere' }),
  ];
  for (const day of DAYS) {
    await showTimeline(bench, day, 'a*12 c*12', { minutes: 60, shown });
    await loadDay(bench, day);
  }
  return remove;
}, 60_000);

async function html(name: ReportName, by: RowKind): Promise<string> {
  const period = { from: DAYS[0], to: DAYS[1] };
  const report = await readReport(bench.url, name, { ...period, by });
  const locations = await readLocations(bench.url, report);
  const findings = name === 'quality' ? await readFindings(bench.url, period, 10) : [];
  return page({ ...report, locations, findings });
}
/** Count the pictures, without the small ones in the table. */
const pictures = (text: string) => text.split('<figure>').length - 1;

describe('a report as HTML', () => {
  it('has the trend, the ranking, the map, and a table of all rows', async () => {
    const text = await html('utilization', 'city');
    expect(text).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(text).toContain('<title>Utilization by city, 2022-01-07 to 2022-01-08</title>');
    expect(pictures(text)).toBe(3);
    expect(text).toContain('On the map: 2 locations'); // the third station has no coordinates
    expect(text).toMatch(
      /<th scope="row">Kiel<\/th><td class="number">1<\/td><td class="number">0\.0 %<\/td>/,
    );
    expect(text).toMatch(
      /<tfoot>.*<th scope="row">all<\/th><td class="number">3<\/td><td class="number">16\.7 %<\/td>/,
    );
    expect(text).toContain('Utilization: occupied minutes of those whose status is known');
  });

  it('has columns where its rows are parts of time', async () => {
    const text = await html('events', 'hour');
    expect(pictures(text)).toBe(2);
    expect(text).toContain('By hour');
    expect(text).toContain('12:00');
  });

  it('on quality has what is wrong, one by one, and no map', async () => {
    const text = await html('quality', 'rule');
    expect(text).not.toContain('On the map');
    expect(text).toContain('Most frequent violations of each quality rule');
    expect(text).toContain('charging station 3 (Station 3, Nowhere)');
  });

  it('shows markup in what feeds say as text', async () => {
    for (const by of ['city', 'station'] as const) {
      const text = await html('utilization', by);
      expect(text).not.toContain('<script');
      expect(text).toContain('&lt;script>alert(&quot;Köln&quot;)');
    }
  });

  it('needs nothing else: no script, no address, no file', async () => {
    const text = await html('uptime', 'operator');
    const addresses = [...text.matchAll(/(?:src|href|url)\s*[=(]\s*["']?([^"')\s>]+)/g)].map(
      ([, address]) => address,
    );
    expect(addresses.filter((address) => !address?.startsWith('#'))).toEqual([]);
    expect(text).not.toContain('<script');
    expect(text).not.toContain('NaN');
    expect(text).not.toContain('undefined');
  });
});
