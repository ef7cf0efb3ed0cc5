import { beforeEach, describe, expect, it } from 'vitest';
import { cleanFeedDay } from '../../src/cleaning/clean.js';
import type { FlatFile } from '../../src/domain/flatFiles.js';
import { location } from '../sources/ocpi/locations.js';
import { readFacts, readFlat } from './support/flatFiles.js';
import { DAY, envelope, FEED, isoSeconds, point, putPoll, slotAt, station } from './support/polls.js';
import { type Stores, temporaryStores } from './support/stores.js';

const SET = { day: DAY, load: 'load-1', feed: FEED };
const at = (index: number) => new Date(slotAt(index)).toISOString();

let stores: Stores;
beforeEach(() => {
  stores = temporaryStores();
});

/** Store one answer for each slot, beginning with the first slot of the day, and clean the day. */
async function clean(...answers: unknown[][]) {
  for (const [index, stations] of answers.entries()) {
    const slot = slotAt(index);
    await putPoll(stores.raw, { slot, body: envelope(slot, stations) });
  }
  return cleanFeedDay(stores, SET);
}
const rows = (file: FlatFile) => readFlat(stores.flat, SET, file);
const facts = (file: Parameters<typeof readFacts>[2]) => readFacts(stores.flat, SET, file);

describe('a record that can not be read', () => {
  it('is quarantined alone: with its id, path and reason, once for all polls that show it', async () => {
    const stations = [
      station('1', [point('11'), point(undefined), point('13', 7), { uid: '14', status: 'CHARGING' }]),
      station(undefined, [point('21')]),
      'no station',
      station('3', [{ ...point('31'), connectors: [{ id: '311', status: '' }, { status: 'CHARGING' }] }]),
    ];
    const { ledger } = await clean(stations, [station('1', [point('11')])], stations);
    const found = (await rows('quarantine')).map((row) => [row.entity, row.id, row.path, row.reason]);
    expect(found).toEqual([
      ['charging_point', null, '$.data[0].evses[1].uid', 'missing_uid'],
      ['connector', 'undefined0', '$.data[0].evses[1].connectors[0]', 'parent_unidentified'],
      ['charging_point', '13', '$.data[0].evses[2].status', 'bad_status'],
      ['connector', '130', '$.data[0].evses[2].connectors[0].status', 'bad_status'],
      ['station', null, '$.data[1].id', 'missing_id'],
      ['charging_point', '21', '$.data[1].evses[0]', 'parent_unidentified'],
      ['connector', '210', '$.data[1].evses[0].connectors[0]', 'parent_unidentified'],
      ['station', null, '$.data[2]', 'not_an_object'],
      ['connector', '311', '$.data[3].evses[0].connectors[0].status', 'bad_status'],
      ['connector', null, '$.data[3].evses[0].connectors[1].id', 'missing_id'],
    ]);
    for (const row of await rows('quarantine'))
      expect(row).toMatchObject({ first_slot: at(0), last_slot: at(2), occurrences: '2' });
    expect(ledger).toMatchObject({
      charging_points_read: 13,
      charging_point_facts: 7,
      charging_points_quarantined: 6,
      connectors_quarantined: 10,
      stations_quarantined: 4,
    });
  });

  it('still tells what it is: a charging point without a status has its master data and connectors', async () => {
    const evse = { uid: '11', floor_level: '2', connectors: [{ id: '110', status: 'CHARGING' }] };
    await clean([station('1', [evse])]);
    expect(await rows('charging_point_content_span')).toMatchObject([{ id_cp: '11', floor_level: '2' }]);
    expect(await facts('connector_status_span')).toMatchObject([{ id_connector: '110' }]);
    expect(await facts('charging_point_status_span')).toEqual([]);
    expect(await rows('poll')).toMatchObject([{ charging_points: '1', charging_point_facts: '0' }]);
  });
});

describe('a uid that an answer shows twice', () => {
  it('makes one fact, the first; the other is counted and flagged', async () => {
    const { ledger } = await clean([
      station('1', [point('11', 'CHARGING'), point('11', 'BLOCKED')]),
      station('2', [point('11', 'RESERVED')]),
      station('1', [point('12')]),
    ]);
    const observed = (await facts('charging_point_status_span')).map((row) => [
      row.id_chargingpoint,
      row.status_cp,
    ]);
    expect(observed).toEqual([
      ['11', 'CHARGING'],
      ['12', 'AVAILABLE'],
    ]);
    expect(await rows('charging_point_content_span')).toMatchObject([
      { id_cp: '11', id_cs: '1' },
      { id_cp: '12' },
    ]);
    expect(ledger).toMatchObject({ charging_point_duplicates: 2, connector_duplicates: 2 });
    expect(await rows('field_issue')).toMatchObject([
      { entity: 'charging_point', id: '11', field: 'id', reason: 'duplicate', occurrences: '2' },
      { entity: 'connector', id: '110', field: 'id', reason: 'duplicate', occurrences: '2' },
    ]);
  });

  it('makes the fact of the second where the first has no status', async () => {
    const { ledger } = await clean([station('1', [point('11', null), point('11', 'BLOCKED')])]);
    expect(await facts('charging_point_status_span')).toMatchObject([{ status_cp: 'BLOCKED' }]);
    expect(ledger).toMatchObject({ charging_points_quarantined: 1, charging_point_facts: 1 });
  });
});

describe('the query time', () => {
  it.each([
    ['of 1970', '1970-01-01T00:00:00Z', 'stale'],
    ['of next week', isoSeconds(slotAt(0) + 7 * 86_400_000), 'implausible'],
    ['16 minutes off', isoSeconds(slotAt(0) - 16 * 60_000), 'stale'],
    ['that is no text', 1641934705, 'missing'],
    ['that is no time', 'soon', 'missing'],
    ['without an offset', '2022-01-11T00:00:02', 'missing'],
  ])('is the receipt in whole seconds for a timestamp %s, which is flagged', async (_, timestamp, reason) => {
    const slot = slotAt(0);
    const body = { ...envelope(slot, [station('1', [point('11')])]), timestamp };
    await putPoll(stores.raw, { slot, body, receivedMs: slot + 3_999 });
    await cleanFeedDay(stores, SET);
    const receipt = new Date(slot + 3_000).toISOString();
    expect(await rows('poll')).toMatchObject([{ query_time: receipt }]);
    expect(await facts('charging_point_status_span')).toMatchObject([{ query_time: receipt }]);
    expect(await rows('field_issue')).toMatchObject([
      { entity: 'poll', path: '$.timestamp', field: 'timestamp', reason },
    ]);
  });

  it('is the timestamp where it is at most 15 minutes from the receipt, whatever its offset', async () => {
    const slot = slotAt(6); // 00:00Z
    const body = { ...envelope(slot, [station('1', [point('11')])]), timestamp: '2022-01-11T01:15:00+01:00' };
    await putPoll(stores.raw, { slot, body, receivedMs: slot });
    await cleanFeedDay(stores, SET);
    expect(await rows('poll')).toMatchObject([{ query_time: '2022-01-11T00:15:00.000Z' }]);
    expect(await rows('field_issue')).toEqual([]);
  });
});

describe('text', () => {
  const HOSTILE = 'Köln "Süd";\r\nHof, 2\t\\. 🔌\0é\ud800';

  it('reaches the flat files as it should stand in the warehouse', async () => {
    await clean([station('1', [point('11', 'FOO"BAR,\n', { floor_level: HOSTILE })], { name: HOSTILE })]);
    const text = 'Köln "Süd"; Hof, 2 \\. 🔌é\ufffd';
    expect(await rows('charging_station_content_span')).toMatchObject([{ name: text, city: 'Köln' }]);
    expect(await rows('charging_point_content_span')).toMatchObject([{ floor_level: text }]);
    expect(await facts('charging_point_status_span')).toMatchObject([{ status_cp: 'FOO"BAR,' }]);
    const issues = (await rows('field_issue')).map((row) => `${row.field} ${row.reason}`);
    expect(issues).toContain('name control_characters');
    expect(issues).toContain('status unknown_status');
  });

  it('in the names of unknown fields, in ids and in values never breaks a line or holds a NUL', async () => {
    await clean([station(HOSTILE, [point('1')], { [HOSTILE]: HOSTILE }), station('2', [], { [HOSTILE]: 1 })]);
    const found = [...(await rows('quarantine')), ...(await rows('field_issue'))];
    expect(found.length).toBeGreaterThan(3);
    for (const row of found)
      for (const value of Object.values(row)) expect(value ?? '').not.toMatch(/[\p{Cc}\p{Cs}]/u);
  });

  it('that is not UTF-8 is read with replacement characters, and flagged once a poll', async () => {
    const slot = slotAt(0);
    const body = Buffer.from(JSON.stringify(envelope(slot, [station('1', [point('11')])])), 'latin1');
    await putPoll(stores.raw, { slot, body });
    await cleanFeedDay(stores, SET);
    expect(await rows('charging_station_content_span')).toMatchObject([{ city: 'K\ufffdln' }]);
    expect(await rows('field_issue')).toMatchObject([{ entity: 'poll', field: 'body', reason: 'not_utf8' }]);
    expect(await facts('charging_point_status_span')).toHaveLength(1);
  });
});

describe('content spans', () => {
  const connectors = [
    { id: '447', status: 'CHARGING', standard: 'CHADEMO' },
    { id: '448', status: 'AVAILABLE', standard: 'DOMESTIC_F' },
  ];
  const evse = (fields: object = {}) => ({ uid: '303', status: 'CHARGING', connectors, ...fields });

  it('are one where only order, blanks, spelling and statuses change', async () => {
    const first = { ...evse(), capabilities: ['B', 'A'], floor_level: 'UG 1' };
    const second = { ...evse(), capabilities: ['A', 'B'], floor_level: ' UG  1 ', status: 'BLOCKED' };
    const swapped = { ...second, connectors: [...connectors].reverse() };
    const coordinates = (latitude: unknown) => ({ coordinates: { latitude, longitude: '6.958' } });
    await clean(
      [station('326', [first], coordinates('50.94'))],
      [station('326', [swapped], coordinates('50.9400'))],
      [station('326', [first], coordinates(50.94))],
    );
    for (const file of ['charging_station_content_span', 'charging_point_content_span'] as const)
      expect(await rows(file)).toMatchObject([{ first_slot: at(0), last_slot: at(2), polls: '3' }]);
    expect(await rows('connector_content_span')).toMatchObject([
      { id_connector: '447', polls: '3', standard: 'CHADEMO' },
      { id_connector: '448', polls: '3', standard: 'DOMESTIC_F' },
    ]);
    expect((await facts('connector_status_span')).map((row) => row.status_connector)).toEqual([
      ...['CHARGING', 'CHARGING', 'CHARGING'],
      ...['AVAILABLE', 'AVAILABLE', 'AVAILABLE'],
    ]);
  });

  it('end where the content changes, and where a poll lacks the entity, but not for the others', async () => {
    const other = station('2', [point('21')]);
    await clean(
      [station('326', [evse()]), other],
      [station('326', [evse({ id: 'DE*NEW*1' })]), other],
      [other],
      [station('326', [evse({ id: 'DE*NEW*1' })]), other],
    );
    const spans = (await rows('charging_point_content_span')).map((r) => [
      r.id_cp,
      r.evse_id,
      r.first_slot,
      r.last_slot,
    ]);
    expect(spans).toEqual([
      ['303', null, at(0), at(0)],
      ['303', 'DE*NEW*1', at(1), at(1)],
      ['303', 'DE*NEW*1', at(3), at(3)],
      ['21', null, at(0), at(3)],
    ]);
    expect((await rows('charging_station_content_span')).map((r) => [r.id_cs, r.polls])).toEqual([
      ['326', '2'],
      ['326', '1'],
      ['2', '4'],
    ]);
  });

  it('go on over a slot that was missed: nobody saw them end', async () => {
    for (const index of [0, 5])
      await putPoll(stores.raw, {
        slot: slotAt(index),
        body: envelope(slotAt(index), [station('1', [point('11')])]),
      });
    await cleanFeedDay(stores, SET);
    expect(await rows('charging_point_content_span')).toMatchObject([
      { first_slot: at(0), last_slot: at(5), polls: '2' },
    ]);
  });
});

it('a feed that changes its dialect in the middle of a day is read by each in its turn', async () => {
  await putPoll(stores.raw, {
    slot: slotAt(0),
    body: envelope(slotAt(0), [station('1', [point('11')])]),
  });
  await putPoll(stores.raw, {
    slot: slotAt(1),
    body: envelope(slotAt(1), [location({ id: '1' })]),
    source: 'ocpi',
  });
  await cleanFeedDay(stores, SET);
  const stations = await rows('charging_station_content_span');
  expect(stations.map((row) => [row.source, row.source_id])).toEqual([
    ['chargecloud', '1'],
    ['ocpi', '1'],
  ]);
  expect(Number(stations[1]?.id_cs)).toBeLessThan(0);
  expect((await facts('charging_point_status_span')).map((row) => row.id_chargingpoint)).toEqual([
    '11',
    'ocpi:u*1',
  ]);
});

it('statuses and parking sensors are those of each poll, also where nothing else changed', async () => {
  const poll = (status: string, sensor?: string) => [
    station('1', [point('11', status, sensor === undefined ? {} : { parkingsensor_status: sensor })]),
  ];
  await clean(poll('AVAILABLE'), poll('CHARGING', 'OCCUPIED'), poll('NEW'), poll('AVAILABLE', 'AVAILABLE'));
  const observed = await facts('charging_point_status_span');
  expect(observed.map((row) => [row.slot, row.status_cp, row.status_parkingsensor])).toEqual([
    [at(0), 'AVAILABLE', null],
    [at(1), 'CHARGING', 'OCCUPIED'],
    [at(2), 'NEW', null],
    [at(3), 'AVAILABLE', 'AVAILABLE'],
  ]);
});

describe('a text that is longer than its column', () => {
  it('is cut at a character, in UTF-8, and recorded', async () => {
    const name = 'Säule '.repeat(200);
    const hours = Array.from({ length: 600 }, (_, index) => ({
      weekday: 1 + Math.floor(index / 100),
      period_begin: '08:00',
      period_end: `${String(9 + (index % 10)).padStart(2, '0')}:${String(Math.floor((index % 100) / 10)).padStart(2, '0')}`,
    }));
    await clean([
      station('1', [{ ...point('11'), parkingsensor_status: 'ö'.repeat(200) }], {
        name,
        opening_times: { twentyfourseven: false, regular_hours: hours },
      }),
    ]);
    const [stationSpan] = await rows('charging_station_content_span');
    const [fact] = await facts('charging_point_status_span');
    expect(stationSpan?.name).toBe('Säule '.repeat(146) + 'S');
    expect(fact?.status_parkingsensor).toBe('ö'.repeat(128));
    const issues = await rows('field_issue');
    const cut = issues.filter(({ reason }) => reason === 'too_long');
    expect(cut.map(({ field, path }) => [field, path]).sort()).toEqual([
      ['name', '$.data[0]'],
      ['parkingsensor_status', '$.data[0].evses[0].parkingsensor_status'],
    ]);
    // Hours are not cut: without one of its periods, the station would count as closed in this period.
    expect(stationSpan?.opening_hours).toBeNull();
    expect(issues.map(({ reason }) => reason)).toContain('too_many_periods');
  });
});
