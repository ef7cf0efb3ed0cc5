import { describe, expect, it } from 'vitest';
import { ocpi } from '../../../src/sources/ocpi/source.js';
import { balance, countBy } from '../counts.js';
import {
  ABSENT_HINT,
  HERRENBERG,
  LUDWIGSBURG,
  RECORDED_FEEDS_ARE_ABSENT,
  recorded,
} from '../recordedFeeds.js';
import { location } from './locations.js';

const read = (station: unknown) => ocpi.readStation(station, '$.data[0]');

describe('a location in good order', () => {
  it("becomes the warehouse's columns", () => {
    const reading = read(location());
    expect(reading).toMatchObject({ quarantined: [], fieldIssues: [], pointsRead: 1, connectorsRead: 2 });
    expect(reading.content).toEqual({
      source: 'ocpi',
      source_id: 'DE*ABC*L1',
      name: 'Rathaus',
      address: null,
      city: null,
      postal_code: null,
      country: 'DE',
      owner: 'Stadt',
      roaming: null,
      longitude: 8.5,
      latitude: 48.5,
      operator_name: 'Stadtwerke',
      operator_hotline: '+497032000',
      open_24_7: false,
      opening_hours: '[{"weekday":2,"begin":"08:00","end":"20:00"}]',
      directions: 'Hinter dem Rathaus',
    });
    expect(reading.points[0]).toMatchObject({ id_cp: 'ocpi:u*1', status: 'BLOCKED', parkingsensor: null });
    expect(reading.points[0]?.content).toMatchObject({ id_cs: reading.id_cs, evse_id: 'DE*ABC*E1' });
    expect(reading.points[0]?.connectors[0]).toEqual({
      id_connector: 'ocpi:u*1~1',
      status: 'BLOCKED',
      content: {
        id_cp: 'ocpi:u*1',
        source: 'ocpi',
        standard: 'DOMESTIC_F',
        format: null,
        power_type: null,
        ampere: 16,
        voltage: 230,
        max_power: 4,
      },
    });
  });

  it('has no address of its own', () => {
    expect(ocpi.defaultUrl('herrenberg', { chargecloudUrl: 'https://example.org' })).toBeNull();
  });

  it("takes the charging points' telephone number where they agree on one", () => {
    const evses = (...phones: unknown[]) =>
      phones.map((phone, i) => ({ uid: i, status: 'UNKNOWN', phone, connectors: [] }));
    const hotline = (...phones: unknown[]) =>
      read(location({ help_phone: undefined, evses: evses(...phones) })).content?.operator_hotline;
    expect(hotline('1', null, ' 1')).toBe('1');
    expect(hotline('1', '2')).toBeNull();
    expect(hotline()).toBeNull();
  });

  it('is identified by the EVSE-ID where there is no uid', () => {
    const id = (evse: Record<string, unknown>) => read(location({}, evse)).points[0]?.id_cp;
    expect(id({ uid: undefined, id: 'A' })).toBe('ocpi:A');
    expect(id({ uid: undefined })).toBe('ocpi:DE*ABC*E1');
  });

  it('does not mix up connectors whose ids look like parts of uids', () => {
    const key = (uid: string, id: string) =>
      read(location({}, { uid, connectors: [{ id }] })).points[0]?.connectors[0]?.id_connector;
    expect(key('a~1', '2')).toBe('ocpi:a~1~2');
    expect(key('a', '1~2')).toBeUndefined();
  });
});

describe('bad records', () => {
  it.each(['', 'a b', 'a@b', 'ä', 'x'.repeat(121), 1.5, null])('quarantines the uid %j', (uid) => {
    const reading = read(location({}, { uid, evse_id: null }));
    expect(reading.points).toEqual([]);
    expect(reading.quarantined.map((record) => record.reason)).toEqual([
      uid === null ? 'missing_uid' : 'bad_uid',
      'parent_unidentified',
      'parent_unidentified',
    ]);
  });

  it("quarantines connectors' statuses with the status that they would have had", () => {
    const reading = read(location({}, { status: '' }));
    expect(reading.quarantined.map(({ entity, id, reason }) => [entity, id, reason])).toEqual([
      ['charging_point', 'ocpi:u*1', 'bad_status'],
      ['connector', 'ocpi:u*1~1', 'bad_status'],
      ['connector', 'ocpi:u*1~2', 'bad_status'],
    ]);
    expect(reading.points[0]?.connectors).toHaveLength(2);
    expect(balance(reading).accounted).toEqual(balance(reading).read);
  });

  it('prefers a status of the connector itself', () => {
    const reading = read(location({}, { status: null, connectors: [{ id: '1', status: 'CHARGING' }] }));
    expect(reading.points[0]).toMatchObject({ status: null, connectors: [{ status: 'CHARGING' }] });
    expect(reading.quarantined).toHaveLength(1);
  });

  it('flags unreadable directions and fields of other versions', () => {
    const reading = read(location({ directions: [3, { language: 'fr', text: 'Là' }], parking_places: [] }));
    expect(reading.content?.directions).toBe('Là');
    expect(reading.fieldIssues.map(({ path, reason }) => [path, reason])).toEqual([
      ['$.data[0].parking_places', 'unknown_field'],
      ['$.data[0].directions[0]', 'not_a_display_text'],
    ]);
  });
});

describe.skipIf(RECORDED_FEEDS_ARE_ABSENT)(`recorded locations${ABSENT_HINT}`, () => {
  it('of Herrenberg are 30 stations, 90 charging points and 92 connectors', () => {
    const envelope = ocpi.readEnvelope(recorded(HERRENBERG));
    expect(envelope.timestampMs).toBe(Date.UTC(2022, 11, 24, 11, 39, 5));
    const readings = envelope.stations.map((station, index) => ocpi.readStation(station, `$.data[${index}]`));
    const points = readings.flatMap((reading) => reading.points);
    const connectors = points.flatMap((point) => point.connectors);
    expect(new Set(readings.map((reading) => reading.id_cs)).size).toBe(30);
    expect(new Set(points.map((point) => point.id_cp)).size).toBe(90);
    expect(new Set(connectors.map((connector) => connector.id_connector)).size).toBe(92);
    expect(readings.flatMap((reading) => [...reading.quarantined, ...reading.fieldIssues])).toEqual([]);
    expect(countBy(points, (point) => point.status)).toEqual({ UNKNOWN: 88, AVAILABLE: 1, BLOCKED: 1 });
    expect(countBy(connectors, (connector) => connector.status)).toEqual({
      UNKNOWN: 88,
      AVAILABLE: 2,
      BLOCKED: 2,
    });
    expect(countBy(connectors, ({ content }) => String(content.max_power))).toMatchObject({
      22: 48,
      150: 13,
      4: 5,
    });
    expect(countBy(readings, (reading) => reading.content?.country ?? null)).toEqual({ DE: 30 });
    expect(readings.filter((reading) => reading.content?.opening_hours !== null)).toHaveLength(3);
    for (const { id_cs } of readings) expect(id_cs).toBeLessThan(0);
  });

  it('of Ludwigsburg are 100 stations, with fields of a later version', () => {
    const { items } = recorded(LUDWIGSBURG) as { items: unknown[] };
    const readings = items.map((station) => read(station));
    expect(readings.reduce((sum, reading) => sum + reading.points.length, 0)).toBe(273);
    expect(readings.flatMap((reading) => reading.quarantined)).toEqual([]);
    expect(
      Object.keys(
        countBy(
          readings.flatMap((reading) => reading.fieldIssues),
          (issue) => issue.field,
        ),
      ),
    ).toEqual(['accepted_service_providers', 'tariffs']);
  });
});
