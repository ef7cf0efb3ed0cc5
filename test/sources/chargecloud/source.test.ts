import { describe, expect, it } from 'vitest';
import { FEED_NAME } from '../../../src/sources/source.js';
import { DEFAULT_FEEDS, FURTHER_FEEDS } from '../../../src/sources/chargecloud/feeds.js';
import { chargecloud } from '../../../src/sources/chargecloud/source.js';
import { balance } from '../counts.js';
import { station2022, station2024, withConnector, withEvse } from './stations.js';

const read = (station: unknown) => chargecloud.readStation(station, '$.data[3]');
const reasons = (station: unknown) =>
  read(station).fieldIssues.map(({ entity, id, path, reason }) => [
    entity,
    id,
    path.replace('$.data[3].', ''),
    reason,
  ]);

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

describe('quarantine', () => {
  it.each([
    ['absent', undefined, 'missing_id', null],
    ['null', null, 'missing_id', null],
    ['empty', '', 'bad_id', null],
    ['not a number', 'DE*1', 'bad_id', 'DE*1'],
    ['with leading zeros', '007', 'bad_id', '007'],
    ['a decimal', 1.5, 'bad_id', '1.5'],
    ['negative', -1, 'bad_id', '-1'],
    ['over 31 bits', '2147483648', 'bad_id', '2147483648'],
    ['an object', { id: 1 }, 'bad_id', null],
  ])('takes a station whose id is %s, and all below it', (_, id, reason, shown) => {
    const reading = read({ ...station2022(), id });
    expect(reading).toMatchObject({ id_cs: null, content: null, points: [], fieldIssues: [] });
    expect(reading).toMatchObject({ pointsRead: 2, connectorsRead: 3 });
    const below = { reason: 'parent_unidentified' };
    expect(reading.quarantined).toEqual([
      { entity: 'station', id: shown, path: '$.data[3].id', reason },
      { entity: 'charging_point', id: '303', path: '$.data[3].evses[0]', ...below },
      { entity: 'connector', id: '447', path: '$.data[3].evses[0].connectors[0]', ...below },
      { entity: 'connector', id: '448', path: '$.data[3].evses[0].connectors[1]', ...below },
      { entity: 'charging_point', id: '304', path: '$.data[3].evses[1]', ...below },
      { entity: 'connector', id: '449', path: '$.data[3].evses[1].connectors[0]', ...below },
    ]);
  });

  it('takes 2147483647 as a station id, and 2147483648 not', () => {
    expect(read({ ...station2022(), id: 2_147_483_647 }).id_cs).toBe(2_147_483_647);
    expect(read({ ...station2022(), id: 2_147_483_648 }).id_cs).toBeNull();
  });

  it.each([
    ['absent', undefined, 'missing_uid'],
    ['null', null, 'missing_uid'],
    ['blank', ' ', 'bad_uid'],
    ['with an @', '303@1', 'bad_uid'],
    ['with a prefix of another source', 'ocpi:303', 'bad_uid'],
    ['too long', '1'.repeat(65), 'bad_uid'],
    ['with NUL', '30\u00003', 'bad_uid'],
    ['an unsafe number', 2 ** 53, 'bad_uid'],
    ['a list', ['303'], 'bad_uid'],
  ])('takes a charging point whose uid is %s, and loses nothing else', (_, uid, reason) => {
    const reading = read(withEvse({ uid }));
    expect(reading.points.map((point) => point.id_cp)).toEqual(['304']);
    expect(reading.quarantined.map((record) => [record.entity, record.path, record.reason])).toEqual([
      ['charging_point', '$.data[3].evses[0].uid', reason],
      ['connector', '$.data[3].evses[0].connectors[0]', 'parent_unidentified'],
      ['connector', '$.data[3].evses[0].connectors[1]', 'parent_unidentified'],
    ]);
  });

  it.each([
    ['absent', undefined, 'missing_status'],
    ['null', null, 'missing_status'],
    ['blank', ' \n', 'bad_status'],
    ['a number', 3, 'bad_status'],
    ['an object', {}, 'bad_status'],
    ['too long', 'X'.repeat(65), 'bad_status'],
  ])('takes the status that is %s, and keeps the master data and what is below', (_, status, reason) => {
    const reading = read(withEvse({ status }));
    expect(reading.quarantined).toEqual([
      { entity: 'charging_point', id: '303', path: '$.data[3].evses[0].status', reason },
    ]);
    expect(reading.points[0]).toEqual({ ...read(station2022()).points[0], status: null });
    const connector = read(withConnector({ status }));
    expect(connector.quarantined).toEqual([
      { entity: 'connector', id: '447', path: '$.data[3].evses[0].connectors[0].status', reason },
    ]);
    expect(connector.points[0]?.connectors[0]).toMatchObject({ status: null, content: { ampere: 32 } });
  });

  it('takes a connector without an id alone', () => {
    const reading = read(withConnector({ id: undefined }));
    expect(reading.points[0]?.connectors.map((connector) => connector.id_connector)).toEqual(['448']);
    expect(reading.quarantined).toEqual([
      { entity: 'connector', id: null, path: '$.data[3].evses[0].connectors[0].id', reason: 'missing_id' },
    ]);
  });

  it('takes what is no record', () => {
    for (const station of [null, 'x', 3, [], undefined]) {
      expect(read(station)).toMatchObject({
        id_cs: null,
        quarantined: [{ entity: 'station', id: null, path: '$.data[3]', reason: 'not_an_object' }],
        pointsRead: 0,
      });
    }
    const reading = read({ ...station2022(), evses: [null, ...withEvse({ connectors: ['x'] }).evses] });
    expect(reading.quarantined.map((record) => [record.path, record.reason])).toEqual([
      ['$.data[3].evses[0]', 'not_an_object'],
      ['$.data[3].evses[1].connectors[0]', 'not_an_object'],
    ]);
    expect(reading).toMatchObject({ pointsRead: 3, connectorsRead: 2 });
    expect(balance(reading).accounted).toEqual(balance(reading).read);
  });

  it('leaves ids that occur twice to the reader of the whole poll', () => {
    const evses = [...station2022().evses, ...station2022().evses];
    expect(read({ ...station2022(), evses })).toMatchObject({
      quarantined: [],
      pointsRead: 4,
      connectorsRead: 6,
    });
  });
});

describe('field issues', () => {
  it('keep an unknown status, and name it', () => {
    const reading = read(withEvse({ status: ' HIBERNATING ' }));
    expect(reading.points[0]?.status).toBe('HIBERNATING');
    expect(reading.quarantined).toEqual([]);
    expect(reading.fieldIssues).toEqual([
      {
        entity: 'charging_point',
        id: '303',
        path: '$.data[3].evses[0].status',
        field: 'status',
        reason: 'unknown_status',
        value: '" HIBERNATING "',
      },
    ]);
    expect(reasons(withConnector({ status: 'available' }))).toEqual([
      ['connector', '447', 'evses[0].connectors[0].status', 'unknown_status'],
    ]);
  });

  it.each([
    ['absent', undefined, 'no_charging_points'],
    ['null', null, 'no_charging_points'],
    ['empty', [], 'no_charging_points'],
    ['no array', { 0: {} }, 'not_an_array'],
  ])('keep a station whose charging points are %s', (_, evses, reason) => {
    expect(read({ ...station2022(), evses })).toMatchObject({
      id_cs: 326,
      points: [],
      pointsRead: 0,
      quarantined: [],
    });
    expect(reasons({ ...station2022(), evses })).toEqual([['station', '326', 'evses', reason]]);
  });

  it('keep a charging point without connectors', () => {
    expect(reasons(withEvse({ connectors: [] }))).toEqual([
      ['charging_point', '303', 'evses[0].connectors', 'no_connectors'],
    ]);
    expect(reasons(withEvse({ connectors: 'x' }))).toEqual([
      ['charging_point', '303', 'evses[0].connectors', 'not_an_array'],
    ]);
  });

  it('name attributes that became null, and leave the rest', () => {
    const station = {
      ...withConnector({ ampere: 'abc', voltage: '-1', max_power: 1e12, standard: {} }),
      name: ['x'],
      postal_code: 50667,
      roaming: 'true',
      coordinates: { latitude: '91', longitude: 'east' },
      operator: 'RheinEnergie AG',
    };
    const reading = read(station);
    expect(reading.content).toMatchObject({ name: null, postal_code: '50667', roaming: null, city: 'Köln' });
    expect(reading.content).toMatchObject({ latitude: null, longitude: null, operator_name: null });
    expect(reading.points[0]?.connectors[0]?.content).toMatchObject({
      ampere: null,
      voltage: null,
      max_power: null,
      standard: null,
      format: 'SOCKET',
    });
    expect(reasons(station)).toEqual([
      ['station', '326', 'name', 'not_text'],
      ['station', '326', 'postal_code', 'not_text'],
      ['station', '326', 'roaming', 'not_a_boolean'],
      ['station', '326', 'coordinates.latitude', 'out_of_range'],
      ['station', '326', 'coordinates.longitude', 'not_a_number'],
      ['station', '326', 'operator', 'not_an_object'],
      ['connector', '447', 'evses[0].connectors[0].standard', 'not_text'],
      ['connector', '447', 'evses[0].connectors[0].ampere', 'not_a_number'],
      ['connector', '447', 'evses[0].connectors[0].voltage', 'out_of_range'],
      ['connector', '447', 'evses[0].connectors[0].max_power', 'out_of_range'],
    ]);
    expect(reading.quarantined).toEqual([]);
  });

  it('name an opening period that is left out, by its place', () => {
    const regular_hours = [{ weekday: 8, period_begin: '06:00', period_end: '22:00' }];
    const station = { ...station2022(), opening_times: { twentyfourseven: false, regular_hours } };
    expect(read(station).content?.opening_hours).toBe('[]');
    expect(reasons(station)).toEqual([
      ['station', '326', 'opening_times.regular_hours[0]', 'bad_opening_period'],
    ]);
  });

  it('keep quotes, separators, line breaks and emoji, and remove NUL', () => {
    const station = { ...station2022(), name: 'A;"b",\t\\N\n🔌\u0000' };
    expect(read(station).content?.name).toBe('A;"b", \\N 🔌');
    expect(reasons(station)).toEqual([['station', '326', 'name', 'control_characters']]);
  });

  it('name an unknown field once a station, where it stands first', () => {
    const station = station2022();
    const evses = station.evses.map((evse) => ({ ...evse, solar: { roof: true } }));
    expect(read({ ...station, evses, operator: { name: 'x', app: 'y' } }).fieldIssues).toEqual([
      {
        entity: 'station',
        id: null,
        path: '$.data[3].operator.app',
        field: 'operator.app',
        reason: 'unknown_field',
        value: '"y"',
      },
      {
        entity: 'charging_point',
        id: null,
        path: '$.data[3].evses[0].solar',
        field: 'solar',
        reason: 'unknown_field',
        value: '{"roof":true}',
      },
    ]);
  });

  it('stay printable and short whatever a field is called or holds', () => {
    const deep = JSON.parse('['.repeat(20_000) + ']'.repeat(20_000)) as unknown;
    const station = { ...station2022(), ['\u0000'.repeat(300)]: '🔌'.repeat(300), deep };
    for (const { field, path, value } of read(station).fieldIssues) {
      for (const text of [field, path, value ?? '']) expect(text).toMatch(/^\P{C}*$/u);
      expect(field.length).toBeLessThan(700);
      expect(value?.length ?? 0).toBeLessThanOrEqual(200);
    }
  });

  it('are not fooled by names that every object has', () => {
    const json = JSON.stringify(station2022()).replace('{', '{"__proto__":{"owner":"x"},"constructor":1,');
    const reading = read(JSON.parse(json));
    expect(reading.content).toEqual(read(station2022()).content);
    expect(reading.fieldIssues.map((issue) => issue.field)).toEqual(['__proto__', 'constructor']);
  });
});
