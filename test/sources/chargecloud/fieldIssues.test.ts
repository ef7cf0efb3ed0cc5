import { describe, expect, it } from 'vitest';
import { chargecloud } from '../../../src/sources/chargecloud/source.js';
import { station2022, withConnector, withEvse } from './stations.js';

const read = (station: unknown) => chargecloud.readStation(station, '$.data[3]');
const reasons = (station: unknown) =>
  read(station).fieldIssues.map(({ entity, id, path, reason }) => [
    entity,
    id,
    path.replace('$.data[3].', ''),
    reason,
  ]);

describe('field issues', () => {
  it('keep an unknown status, and name it', () => {
    const reading = read(withConnector({ status: 'HIBERNATING' }, { status: ' HIBERNATING ' }));
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
      expect.objectContaining({ entity: 'connector', id: '447', reason: 'unknown_status' }),
    ]);
  });

  it('keep a status that no connector has, and name it', () => {
    expect(reasons(withEvse({ status: 'OUTOFORDER' }))).toEqual([
      ['charging_point', '303', 'evses[0].status', 'unlike_connectors'],
    ]);
    expect(reasons(withEvse({ status: 'AVAILABLE' }))).toEqual([]);
    expect(reasons(withEvse({ status: 'OUTOFORDER', connectors: [] }))).toEqual([
      ['charging_point', '303', 'evses[0].connectors', 'no_connectors'],
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

  it('name an opening period that can not be read, by its place, and the hours are unknown', () => {
    const regular_hours = [{ weekday: 8, period_begin: '06:00', period_end: '22:00' }];
    const station = { ...station2022(), opening_times: { twentyfourseven: false, regular_hours } };
    expect(read(station).content?.opening_hours).toBeNull();
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
