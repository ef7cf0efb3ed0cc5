import { describe, expect, it } from 'vitest';
import { chargecloud } from '../../src/sources/chargecloud/source.js';
import { ocpi } from '../../src/sources/ocpi/source.js';
import { station2022, withConnector, withEvse } from './chargecloud/stations.js';

const read = (station: unknown) => chargecloud.readStation(station, '$.data[0]');

describe('rereadStatuses', () => {
  it.each([
    ['no change', station2022()],
    ["a charging point's status", withEvse({ status: 'AVAILABLE' })],
    ["a connector's status", withConnector({ status: 'BLOCKED' }, { status: 'BLOCKED' })],
    ['a sensor that frees', withEvse({ parkingsensor_status: 'AVAILABLE' })],
    ['a sensor that falls silent', withEvse({ parkingsensor_status: null })],
    ['a sensor that is gone', withEvse({ parkingsensor_status: undefined })],
  ])('reads %s into the earlier reading', (_, station) => {
    const earlier = read(station2022());
    const reading = chargecloud.rereadStatuses(station, earlier);
    expect(reading).toBe(earlier);
    expect(reading).toEqual(read(station));
  });

  it.each([
    ['an unknown status', withEvse({ status: 'HIBERNATING' })],
    ['a blank in a status', withEvse({ status: 'AVAILABLE ' })],
    ['an unreadable status', withEvse({ status: 3 })],
    ['a missing status', withConnector({ status: undefined })],
    ["a connector's unknown status", withConnector({ status: 'HIBERNATING' })],
    ['a sensor of another kind', withEvse({ parkingsensor_status: ' OCCUPIED' })],
    ['a status that no connector has', withEvse({ status: 'OUTOFORDER' })],
    ['connectors that leave the charging point alone with its status', withConnector({ status: 'BLOCKED' })],
  ])('leaves %s to be read in full, and the earlier reading as it was', (_, station) => {
    const earlier = read(station2022());
    expect(chargecloud.rereadStatuses(station, earlier)).toBeNull();
    expect(earlier).toEqual(read(station2022()));
  });

  it.each([
    ['quarantined records', withEvse({ status: null })],
    ['quarantined records above it', withEvse({ uid: null })],
    ['an unknown status', withEvse({ status: 'HIBERNATING' })],
    ['a sensor that was no text', withEvse({ parkingsensor_status: {} })],
    ['no charging points', { ...station2022(), evses: [] }],
    ['a status that no connector has', withEvse({ status: 'OUTOFORDER' })],
  ])('does not build on a reading with %s', (_, station) => {
    expect(chargecloud.rereadStatuses(station, read(station))).toBeNull();
  });

  it('builds on a reading with issues of master data', () => {
    const station = { ...station2022(), name: 7 };
    expect(
      chargecloud.rereadStatuses({ ...withEvse({ status: 'AVAILABLE' }), name: 7 }, read(station)),
    ).toMatchObject({
      points: [{ status: 'AVAILABLE' }, { status: 'AVAILABLE' }],
      fieldIssues: [{ field: 'name' }],
    });
  });

  it("gives connectors without a status of their own the charging point's", () => {
    const station = (status: string) => ({
      id: 'A',
      evses: [{ uid: 'B', status, connectors: [{ id: '1' }, { id: '2' }] }],
    });
    const reading = ocpi.rereadStatuses(
      station('CHARGING'),
      ocpi.readStation(station('AVAILABLE'), '$.data[0]'),
    );
    expect(reading).toEqual(ocpi.readStation(station('CHARGING'), '$.data[0]'));
    expect(reading?.points[0]?.connectors.map((connector) => connector.status)).toEqual([
      'CHARGING',
      'CHARGING',
    ]);
  });
});
