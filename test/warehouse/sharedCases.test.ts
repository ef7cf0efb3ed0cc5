import { beforeEach, describe, expect, it } from 'vitest';
import { importFiles } from '../../src/importing/importFiles.js';
import { sourceByName } from '../../src/sources/registry.js';
import { ZONE } from '../cleaning/support/polls.js';
import { ABSENT_CASES_HINT, SHARED_CASES_ARE_ABSENT, sharedCase } from '../support/sharedCases.js';
import { type LoadBench, loadDay, openBench } from './support/loads.js';
import { column, query } from './support/query.js';

const DAY = '2026-11-20';

describe.skipIf(SHARED_CASES_ARE_ABSENT)(`of locations as operators write them${ABSENT_CASES_HINT}`, () => {
  let bench: LoadBench;
  beforeEach(async () => {
    bench = await openBench();
  });

  /** Import a case and load its day. */
  async function load(name: string): Promise<void> {
    const settings = { store: bench.raw, source: sourceByName('ocpi'), timeZone: ZONE, intervalMinutes: 10 };
    expect(await importFiles([sharedCase(name)], settings)).toMatchObject({ wrongAnswers: {}, failed: [] });
    await loadDay(bench, DAY);
  }
  const issues = () =>
    query(bench.url, 'select entity, field, reason, value from ops.field_issue order by 1, 2');

  it('a city in two forms of Unicode is one city', async () => {
    await load('09-nfd-city');
    const cities = await column(bench.url, 'select city from charging_station');
    expect(cities.length).toBeGreaterThan(1);
    expect([...new Set(cities)]).toEqual(['Köln']);
    expect('Köln').toBe('Köln'.normalize('NFC'));
    expect(await issues()).toEqual([]);
  });

  it('Germany is DE, as a word and by other codes', async () => {
    await load('10-country-words');
    const countries = await query(bench.url, 'select source_id, country from charging_station order by 1');
    expect(countries.length).toBeGreaterThan(1);
    for (const { source_id: id, country } of countries) expect(country, String(id)).toBe('DE');
    expect(await issues()).toEqual([]);
  });

  it('opening hours of weekday 0 are unknown', async () => {
    await load('18-hours-of-weekday-0');
    expect(await query(bench.url, 'select open_24_7, opening_hours from charging_station')).toEqual([
      { open_24_7: false, opening_hours: null },
    ]);
    expect(await issues()).toEqual([
      {
        entity: 'station',
        field: 'opening_times.regular_hours',
        reason: 'bad_opening_period',
        value: '{"weekday":0,"period_begin":"08:00","period_end":"12:00"}',
      },
    ]);
  });

  it('kW in the field for W are no power', async () => {
    await load('19-kw-in-watt-field');
    expect(await column(bench.url, 'select max_power from connector')).toEqual([null]);
    expect(await issues()).toEqual([
      { entity: 'connector', field: 'max_electric_power', reason: 'below_1_kw', value: '22' },
    ]);
  });
});
