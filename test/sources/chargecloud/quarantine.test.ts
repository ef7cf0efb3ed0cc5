import { describe, expect, it } from 'vitest';
import { chargecloud } from '../../../src/sources/chargecloud/source.js';
import { balance } from '../counts.js';
import { station2022, withConnector, withEvse } from './stations.js';

const read = (station: unknown) => chargecloud.readStation(station, '$.data[3]');

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
