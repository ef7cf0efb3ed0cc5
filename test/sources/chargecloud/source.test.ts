import { describe, expect, it } from 'vitest';
import { FEED_NAME } from '../../../src/sources/source.js';
import { DEFAULT_FEEDS, FURTHER_FEEDS } from '../../../src/sources/chargecloud/feeds.js';
import { chargecloud } from '../../../src/sources/chargecloud/source.js';
import { station2022, station2024, withEvse } from './stations.js';

const read = (station: unknown) => chargecloud.readStation(station, '$.data[3]');

describe('feeds', () => {
  it('are 38 and one more, all with usable names', () => {
    expect(new Set(DEFAULT_FEEDS).size).toBe(38);
    expect(FURTHER_FEEDS).toEqual(['SW-Stuttgart']);
    for (const feed of [...DEFAULT_FEEDS, ...FURTHER_FEEDS]) expect(feed).toMatch(FEED_NAME);
  });

  it('have an address below the base address, in the case that the name is written in', () => {
    const settings = { chargecloudUrl: 'https://new-poi.chargecloud.de' };
    expect(chargecloud.defaultUrl('SW-Stuttgart', settings)).toBe(
      'https://new-poi.chargecloud.de/SW-Stuttgart',
    );
    expect(chargecloud.defaultUrl('a/b c', settings)).toBe('https://new-poi.chargecloud.de/a%2Fb%20c');
  });
});

describe('a station in good order', () => {
  it("of 2022 becomes the warehouse's columns", () => {
    const reading = read(station2022());
    expect(reading.id_cs).toBe(326);
    expect(reading.content).toEqual({
      source: 'chargecloud',
      source_id: '326',
      name: 'TankE - Domplatte',
      address: 'Trankgasse 1',
      city: 'Köln',
      postal_code: '50667',
      country: 'DE',
      owner: null,
      roaming: false,
      longitude: 6.958281,
      latitude: 50.941278,
      operator_name: 'RheinEnergie AG',
      operator_hotline: '+4922134645600',
      open_24_7: false,
      opening_hours:
        '[{"weekday":1,"begin":"06:00","end":"02:00"},{"weekday":"holiday","begin":"00:00","end":"00:00"}]',
      directions: 'Einfahrt; "links"',
    });
    const [point, other] = reading.points;
    expect(point).toMatchObject({ id_cp: '303', status: 'CHARGING', parkingsensor: 'OCCUPIED' });
    expect(other).toMatchObject({ id_cp: '304', status: 'AVAILABLE', parkingsensor: null });
    expect(other?.content.capabilities).toBe('[]');
    expect(point?.content).toEqual({
      id_cs: 326,
      source: 'chargecloud',
      evse_id: 'DE*REK*E00025*001',
      charging_station_position: 'Parkplatz',
      cp_position: 'rechts',
      vehicle_type: 'four_wheeled',
      floor_level: 'Straße / Parkbucht',
      physical_reference: null,
      cp_parking_space_numbers: '1-63',
      public_comment: null,
      roaming: false,
      reservable: null,
      capabilities: '["REMOTE_START_STOP_CAPABLE","RFID_READER"]',
    });
    expect(point?.connectors[1]).toEqual({
      id_connector: '448',
      status: 'AVAILABLE',
      content: {
        id_cp: '303',
        source: 'chargecloud',
        standard: 'DOMESTIC_F',
        format: 'SOCKET',
        power_type: 'AC_1_PHASE',
        ampere: 13,
        voltage: 230,
        max_power: 3,
      },
    });
    expect(reading).toMatchObject({ quarantined: [], fieldIssues: [], pointsRead: 2, connectorsRead: 3 });
  });

  it('of 2024 is no less known, and says what is reservable', () => {
    const [reading, earlier] = [read(station2024()), read(station2022())];
    expect(reading).toMatchObject({ quarantined: [], fieldIssues: [], content: earlier.content });
    expect(reading.points[0]?.content).toEqual({ ...earlier.points[0]?.content, reservable: true });
  });

  it('has no opening hours where it is always open', () => {
    const opening_times = { ...station2022().opening_times, twentyfourseven: true };
    expect(read({ ...station2022(), opening_times }).content).toMatchObject({
      open_24_7: true,
      opening_hours: null,
    });
  });

  it('misses nothing where optional fields are absent', () => {
    const reading = read({
      id: 7,
      evses: [{ uid: 8, status: 'UNKNOWN', connectors: [{ id: 9, status: 'UNKNOWN' }] }],
    });
    expect(reading).toMatchObject({
      id_cs: 7,
      content: { source_id: '7', name: null, latitude: null },
      fieldIssues: [],
    });
    expect(reading.points[0]).toMatchObject({ id_cp: '8', connectors: [{ id_connector: '9' }] });
  });

  it('is the same master data whatever the order of lists, the blanks and the spelling of numbers', () => {
    const respelled = withEvse({
      capabilities: ['REMOTE_START_STOP_CAPABLE', ' RFID_READER', 'RFID_READER'],
      floor_level: 'Straße\u00a0/\tParkbucht ',
      connectors: station2022()
        .evses[0]?.connectors.map((connector) => ({ ...connector, ampere: Number(connector.ampere) }))
        .reverse(),
    });
    const reading = read({
      ...respelled,
      name: 'TankE - Domplatte',
      coordinates: { latitude: 50.941278, longitude: '6.9582810' },
      opening_times: {
        twentyfourseven: false,
        regular_hours: station2022().opening_times.regular_hours.reverse(),
      },
    });
    const expected = read(station2022());
    expect(reading.fieldIssues).toEqual([]);
    expect(reading.content).toEqual(expected.content);
    expect(reading.points.map((point) => point.content)).toEqual(
      expected.points.map((point) => point.content),
    );
    expect(reading.points[0]?.connectors.reverse()).toEqual(expected.points[0]?.connectors);
  });
});
