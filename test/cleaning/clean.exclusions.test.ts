import { beforeEach, expect, it } from 'vitest';
import { cleanFeedDay } from '../../src/cleaning/clean.js';
import { type Exclusions, noExclusions } from '../../src/domain/exclusions.js';
import type { FlatFile } from '../../src/domain/flatFiles.js';
import { readFacts, readFlat } from './support/flatFiles.js';
import { DAY, envelope, FEED, point, putPoll, slotAt, station } from './support/polls.js';
import { type Stores, temporaryStores } from './support/stores.js';

const SET = { day: DAY, load: 'load-1', feed: FEED };
const [FIRST, SECOND, THIRD] = [slotAt(0), slotAt(1), slotAt(2)];
const iso = (slot: number) => new Date(slot).toISOString();

let stores: Stores;
beforeEach(async () => {
  stores = temporaryStores();
  for (const slot of [FIRST, SECOND, THIRD]) {
    const stations = [station('1', [point('11'), point('12', null)]), station('2', [point('21')])];
    await putPoll(stores.raw, { slot, body: envelope(slot, stations) });
  }
});

const clean = (exclusions: Partial<Exclusions>) =>
  cleanFeedDay(stores, SET, { ...noExclusions(), ...exclusions });
const rows = (file: FlatFile) => readFlat(stores.flat, SET, file);
const facts = (file: Parameters<typeof readFacts>[2]) => readFacts(stores.flat, SET, file);
const reasons = async () => (await rows('quarantine')).map((r) => [r.entity, r.id, r.reason, r.occurrences]);
/** Records that are quarantined in any case: a charging point without a status, and its connector. */
const OWN = [
  ['charging_point', '12', 'missing_status', '3'],
  ['connector', '120', 'missing_status', '3'],
];

it('a poll that belongs to another feed is quarantined whole, each record of it counted once', async () => {
  const { ledger } = await clean({ polls: [SECOND] });
  expect(await reasons()).toEqual([
    ...OWN,
    ...['1', '11', '110', '2', '21', '210'].map((id) => [
      ['station', 'charging_point', 'connector'][id.length - 1],
      id,
      'foreign_poll',
      '1',
    ]),
    ['poll', null, 'foreign_poll', '1'],
  ]);
  expect(ledger).toMatchObject({
    parsed: 3,
    charging_points_read: 9,
    charging_point_facts: 4,
    charging_points_quarantined: 5,
    stations_quarantined: 2,
  });
  const slots = new Set((await facts('charging_point_status_span')).map((row) => row.slot));
  expect([...slots]).toEqual([iso(FIRST), iso(THIRD)]);
  expect(await rows('charging_station_content_span')).toHaveLength(4);
  expect(await rows('poll')).toMatchObject([{}, { charging_point_facts: '0', charging_points: '3' }, {}]);
});

it('a record that counts for another feed makes no fact in those slots, and no content span', async () => {
  const { ledger } = await clean({
    stations: { '2': [FIRST] },
    charging_points: { '21': [FIRST], '12': [SECOND], '999': [FIRST] },
    connectors: { '110': [FIRST, SECOND, THIRD] },
  });
  expect(await reasons()).toEqual([
    ...OWN,
    ['connector', '110', 'other_feed', '3'],
    ['station', '2', 'other_feed', '1'],
    ['charging_point', '21', 'other_feed', '1'],
  ]);
  expect(ledger).toMatchObject({ charging_point_facts: 5, connector_facts: 3, stations_quarantined: 1 });
  expect(await rows('charging_station_content_span')).toMatchObject([
    { id_cs: '1', polls: '3' },
    { id_cs: '2', first_slot: iso(SECOND), polls: '2' },
  ]);
  expect(await rows('charging_point_content_span')).toMatchObject([
    { id_cp: '11', polls: '3' },
    { id_cp: '12', first_slot: iso(FIRST), last_slot: iso(FIRST) },
    { id_cp: '12', first_slot: iso(THIRD) },
    { id_cp: '21', first_slot: iso(SECOND), polls: '2' },
  ]);
  expect((await rows('connector_content_span')).map((row) => row.id_connector)).not.toContain('110');
});

it('a station whose number another one has is quarantined with all that is in it', async () => {
  const { ledger } = await clean({ colliding_stations: ['2'] });
  expect(await reasons()).toEqual([
    ...OWN,
    ['station', '2', 'id_collision', '3'],
    ['charging_point', '21', 'id_collision', '3'],
    ['connector', '210', 'id_collision', '3'],
  ]);
  expect(ledger).toMatchObject({ charging_point_facts: 3, stations_quarantined: 3 });
  expect((await rows('charging_point_content_span')).map((row) => row.id_cp)).toEqual(['11', '12']);
});
