import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CITIES } from '../../src/simulation/feed/cities.js';
import { simulateFleet } from '../../src/simulation/feed/fleet.js';

const HOUR_MS = 3_600_000;
const SLOT_MS = 600_000;
const DAY_MS = 24 * HOUR_MS;
/** Monday 2026-06-15, 00:00 in Berlin. */
const MIDNIGHT_MS = Date.UTC(2026, 5, 14, 22);
const FEEDS_2022 = CITIES.map(({ feed }) => feed).filter((feed) => feed !== 'SW-Stuttgart');

interface Connector {
  id: string;
  status: string;
  standard: string;
  ampere: string;
}
interface Evse {
  uid: string;
  id: string;
  status: string;
  parkingsensor_status?: string;
  connectors: [Connector, ...Connector[]];
}
interface Station {
  id: string;
  name: string;
  city: string;
  address: string;
  directions: string | null;
  owner: string | null;
  coordinates: { latitude: string; longitude: string };
  operator: { name: string; hotline?: string | null };
  opening_times: { twentyfourseven: boolean; regular_hours?: unknown[] };
  evses: Evse[];
}
interface Envelope {
  data: Station[];
  timestamp: string;
}

const parse = (text: string) => JSON.parse(text) as Envelope;
const pointsOf = (text: string) => parse(text).data.flatMap(({ evses }) => evses);
const statusesOf = (texts: string[]) =>
  new Map(texts.flatMap(pointsOf).map(({ uid, status }) => [uid, status]));

function share(statuses: Map<string, string>, status: string): number {
  return [...statuses.values()].filter((other) => other === status).length / statuses.size;
}

describe('the simulated fleet', { timeout: 30_000 }, () => {
  it('gives the same answer for the same seed, feed and instant, whatever was asked before', () => {
    const instants = fc.integer({ min: Date.UTC(2015, 0, 1), max: Date.UTC(2035, 0, 1) });
    fc.assert(
      fc.property(
        fc.integer(),
        instants,
        instants,
        fc.constantFrom(...FEEDS_2022),
        (seed, instant, other, feed) => {
          const options = { seed, feeds: [feed], stationsPerFeed: 30 };
          const once = simulateFleet(options).envelope(feed, instant);
          const fleet = simulateFleet({ ...options, feeds: ['koeln', 'bonn', feed] });
          fleet.envelope(feed, other);
          expect(fleet.envelope(feed, instant) === once).toBe(true);
          const { data } = parse(once);
          expect(data.length).toBeGreaterThan(15);
          for (const { evses } of data) {
            expect(evses.length).toBeGreaterThan(0);
            for (const { status, connectors } of evses) {
              for (const connector of connectors) expect(connector.status).toBe(status);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('differs by seed and by feed', () => {
    const [one, other] = [1, 2].map((seed) =>
      simulateFleet({ seed, feeds: ['bonn'] }).envelope('bonn', MIDNIGHT_MS),
    );
    expect(one === other).toBe(false);
  });

  it('has the keys of the API in their order, and its timestamps', () => {
    const text = simulateFleet({ seed: 1, feeds: ['bonn'] }).envelope(
      'bonn',
      Date.UTC(2022, 0, 11, 20, 58, 25, 900),
    );
    const envelope = parse(text);
    expect(Object.keys(envelope)).toEqual(['data', 'status_code', 'status_message', 'timestamp']);
    expect(envelope.timestamp).toBe('2022-01-11T21:58:25+01:00');
    const [station] = envelope.data;
    expect(Object.keys(station ?? {}).join(' ')).toBe(
      'id name address city postal_code country directions coordinates distance_in_m operator opening_times owner roaming evses',
    );
    const keys = envelope.data.flatMap(({ evses }) => evses.map((evse) => Object.keys(evse).join(' ')));
    const position =
      'chargePointPosition chargePointPublicComment chargePointParkingSpaceNumbers chargingStationPosition';
    const start = `uid id status capabilities physical_reference floor_level vehicle_type connectors ${position}`;
    expect(new Set(keys)).toEqual(new Set([`${start} roaming`, `${start} parkingsensor_status roaming`]));
    expect(Object.keys(station?.evses[0]?.connectors[0] ?? {}).join(' ')).toBe(
      'id status standard format power_type ampere voltage max_power tariff_id',
    );
  });

  it('has the size, the kinds and the slips of the real feeds, and ids that are unique over all of them', () => {
    const fleet = simulateFleet({ seed: 3, feeds: FEEDS_2022 });
    const stations = fleet.feeds.flatMap((feed) => parse(fleet.envelope(feed, MIDNIGHT_MS)).data);
    const points = stations.flatMap(({ evses }) => evses);
    const connectors = points.flatMap((point) => point.connectors);
    expect(stations.length).toBeGreaterThan(1_100);
    expect(points.length / stations.length).toBeCloseTo(2, 0);
    for (const ids of [
      stations.map(({ id }) => id),
      points.map(({ uid }) => uid),
      points.map(({ id }) => id),
      connectors.map(({ id }) => id),
    ]) {
      expect(new Set(ids).size).toBe(ids.length);
    }
    for (const { id, coordinates } of stations) {
      expect(Number(id)).toBeLessThan(2 ** 31);
      expect(Number(coordinates.latitude)).toSatisfy((degrees: number) => degrees > 47.2 && degrees < 55.1);
      expect(Number(coordinates.longitude)).toSatisfy((degrees: number) => degrees > 5.8 && degrees < 15.1);
    }
    expect(points.filter((point) => 'parkingsensor_status' in point).length / points.length).toBeCloseTo(
      0.04,
      1,
    );
    expect(new Set(connectors.map(({ standard }) => standard))).toEqual(
      new Set(['IEC_62196_T2', 'DOMESTIC_F', 'IEC_62196_T2_COMBO', 'CHADEMO']),
    );
    const texts = stations.flatMap(({ name, address, city, operator }) => [
      name,
      address,
      city,
      operator.name,
    ]);
    expect(texts.some((text) => text.endsWith(' '))).toBe(true);
    expect(texts.some((text) => text.startsWith(' '))).toBe(true);
    expect(texts.some((text) => text.includes('  '))).toBe(true);
    const directions = stations.map((station) => station.directions);
    expect(directions.some((text) => text?.includes('\r\n') === true && text.includes(';'))).toBe(true);
    expect(directions).toEqual(expect.arrayContaining(['', null]));
    expect(stations.some(({ operator }) => operator.hotline === null)).toBe(true);
    expect(stations.some(({ operator }) => !('hotline' in operator))).toBe(true);
    expect(stations.some(({ opening_times: times }) => times.regular_hours?.length === 0)).toBe(true);
  });

  it('follows the daily rhythm, and no status takes over', () => {
    const fleet = simulateFleet({ seed: 5, feeds: ['koeln', 'dortmund'], stationsPerFeed: 1_500 });
    const at = (hour: number) =>
      statusesOf(fleet.feeds.map((feed) => fleet.envelope(feed, MIDNIGHT_MS + hour * HOUR_MS)));
    expect(share(at(2), 'CHARGING')).toSatisfy((value: number) => value > 0.09 && value < 0.13);
    expect(share(at(9), 'CHARGING')).toSatisfy((value: number) => value > 0.25 && value < 0.29);
    for (const hour of [12, 14, 16, 18]) {
      expect(share(at(hour), 'CHARGING')).toSatisfy((value: number) => value > 0.195 && value < 0.25);
    }
    const noon = at(12);
    for (const status of ['RESERVED', 'BLOCKED', 'OUTOFORDER', 'INOPERATIVE']) {
      expect(share(noon, status)).toSatisfy((value: number) => value > 0.0005 && value < 0.015);
    }
    expect(share(noon, 'UNKNOWN')).toSatisfy((value: number) => value > 0.01 && value < 0.045);
  });

  it('changes as little from slot to slot in daytime as the real one, and sessions last', () => {
    const fleet = simulateFleet({ seed: 6, feeds: ['koeln', 'bonn'], stationsPerFeed: 700 });
    const slots = Array.from({ length: 48 }, (_, slot) =>
      statusesOf(
        fleet.feeds.map((feed) => fleet.envelope(feed, MIDNIGHT_MS + 10 * HOUR_MS + slot * SLOT_MS)),
      ),
    );
    let persisted = 0;
    let charging = 0;
    const changes = slots.slice(1).map((slot, before) => {
      let changed = 0;
      for (const [uid, status] of slots[before] ?? []) {
        if (slot.has(uid) && slot.get(uid) !== status) changed++;
        if (status === 'CHARGING') charging++;
        if (status === 'CHARGING' && slot.get(uid) === 'CHARGING') persisted++;
      }
      return changed / slot.size;
    });
    const mean = changes.reduce((sum, value) => sum + value, 0) / changes.length;
    expect(mean).toSatisfy((value: number) => value > 0.004 && value < 0.015);
    expect(persisted / charging).toBeGreaterThan(0.95);
  });

  it('keeps a status over midnight and over the hour that the clocks turn back', () => {
    const fleet = simulateFleet({ seed: 8, feeds: ['koeln'], stationsPerFeed: 800 });
    const midnight = Date.UTC(2026, 9, 24, 22);
    for (const instant of [midnight, midnight + 3 * HOUR_MS, midnight + 25 * HOUR_MS]) {
      const before = statusesOf([fleet.envelope('koeln', instant - 1_000)]);
      const after = statusesOf([fleet.envelope('koeln', instant)]);
      const changed = [...before].filter(([uid, status]) => (after.get(uid) ?? status) !== status);
      expect(changed.length).toBeLessThanOrEqual(2);
    }
  });

  it('swaps connectors of a few stations, and of nothing else anything', () => {
    const fleet = simulateFleet({ seed: 9, feeds: ['koeln'], stationsPerFeed: 600 });
    const orders = Array.from({ length: 6 }, (_, slot) => {
      const points = pointsOf(fleet.envelope('koeln', MIDNIGHT_MS + slot * SLOT_MS));
      return new Map(points.map(({ uid, connectors }) => [uid, connectors.map(({ id }) => id).join(' ')]));
    });
    const [first, ...others] = orders;
    const swapping = [...(first ?? [])].filter(([uid, order]) =>
      others.some((other) => (other.get(uid) ?? order) !== order),
    );
    expect(swapping.length).toBeGreaterThan(0);
    expect(swapping.length).toBeLessThan(40);
  });

  it('renumbers the EVSE-IDs of one operator from a local day on, and no uid', () => {
    const renumbering = { feed: 'bonn', day: '2026-06-15' };
    const fleet = simulateFleet({ seed: 1, feeds: ['bonn', 'koeln'], renumbering });
    const ids = (feed: string, instant: number) =>
      new Map(pointsOf(fleet.envelope(feed, instant)).map(({ uid, id }) => [uid, id]));
    const before = ids('bonn', MIDNIGHT_MS - 1);
    const after = ids('bonn', MIDNIGHT_MS);
    const renumbered = [...before].filter(([uid, id]) => after.get(uid) !== id);
    expect([...after.keys()]).toEqual([...before.keys()]);
    expect(renumbered.length / before.size).toSatisfy((value: number) => value > 0.6 && value < 1);
    expect(renumbered.every(([, id]) => id.startsWith('DE*SBO*'))).toBe(true);
    expect(new Set(after.values()).size).toBe(after.size);
    expect(ids('koeln', MIDNIGHT_MS)).toEqual(ids('koeln', MIDNIGHT_MS - 1));
  });

  it('has stations that come and go, some back with their ids and some with new ones', () => {
    const fleet = simulateFleet({ seed: 2, feeds: ['koeln'], stationsPerFeed: 400 });
    const days = Array.from(
      { length: 70 },
      (_, day) =>
        new Set(parse(fleet.envelope('koeln', MIDNIGHT_MS + day * DAY_MS)).data.map(({ id }) => id)),
    );
    const ever = new Set(days.flatMap((day) => [...day]));
    const always = [...ever].filter((id) => days.every((day) => day.has(id)));
    expect(always.length).toBeGreaterThan(350);
    const lives = [...ever].map((id) => days.map((day) => (day.has(id) ? '#' : '.')).join(''));
    expect(lives.some((life) => /^#+\.+#+$/.test(life))).toBe(true);
    expect(lives.some((life) => /^#+\.+$/.test(life))).toBe(true);
    expect(lives.some((life) => /^\.+#+$/.test(life))).toBe(true);
  });

  it('takes feeds that nobody knows, and says which it lacks', () => {
    const fleet = simulateFleet({
      seed: 1,
      feeds: ['nirgendwo', 'irgendwo'],
      stationsPerFeed: { nirgendwo: 5 },
    });
    expect(parse(fleet.envelope('nirgendwo', MIDNIGHT_MS)).data.length).toBeLessThanOrEqual(5);
    expect(() => fleet.envelope('koeln', MIDNIGHT_MS)).toThrow('no feed "koeln"');
    expect(() => simulateFleet({ seed: 1, feeds: ['koeln'], stationsPerFeed: 1.5 })).toThrow('1.5 stations');
  });
});
