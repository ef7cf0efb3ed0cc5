import { describe, expect, it } from 'vitest';
import { receiptOf } from '../../src/importing/pollFileName.js';
import { UnreadableFile } from '../../src/importing/unreadableFile.js';

const receipt = (time: string, timeZone = 'Europe/Berlin'): string =>
  new Date(receiptOf(`${time}_cp_data_cities.json.gz`, timeZone)).toISOString();

describe('the time in the name of a poll file', () => {
  it('is local, in winter and in summer', () => {
    expect(receipt('20220111_215824')).toBe('2022-01-11T20:58:24.000Z');
    expect(receipt('20220711_215824')).toBe('2022-07-11T19:58:24.000Z');
    expect(receipt('20220711_215824', 'UTC')).toBe('2022-07-11T21:58:24.000Z');
  });

  it('may stand before .json as well as before .json.gz', () => {
    expect(receiptOf('20220111_215824_cp_data_cities.json', 'Europe/Berlin')).toBe(
      receiptOf('20220111_215824_cp_data_cities.json.gz', 'Europe/Berlin'),
    );
  });

  it('is the first of the two in the hour that comes twice, unless an offset says otherwise', () => {
    expect(receipt('20221030_015959')).toBe('2022-10-29T23:59:59.000Z');
    expect(receipt('20221030_020000')).toBe('2022-10-30T00:00:00.000Z');
    expect(receipt('20221030_025959')).toBe('2022-10-30T00:59:59.000Z');
    expect(receipt('20221030_021000+0200')).toBe('2022-10-30T00:10:00.000Z');
    expect(receipt('20221030_021000+0100')).toBe('2022-10-30T01:10:00.000Z');
    expect(receipt('20221030_030000')).toBe('2022-10-30T02:00:00.000Z');
    expect(receipt('20221106_011000', 'America/New_York')).toBe('2022-11-06T05:10:00.000Z');
  });

  it.each(['20220327_020000', '20220327_023000', '20220327_025959'])(
    'is refused where the clocks jump over it: %s',
    (time) => {
      expect(() => receipt(time)).toThrow(`does not exist in Europe/Berlin: ${time}`);
    },
  );

  it('is accepted on both sides of the jump', () => {
    expect(receipt('20220327_015959')).toBe('2022-03-27T00:59:59.000Z');
    expect(receipt('20220327_030000')).toBe('2022-03-27T01:00:00.000Z');
  });

  it.each(['20221301_000000', '20220230_120000', '20220111_250000', '20220111_240000', '20220111_235960'])(
    'is refused where there is no such time: %s',
    (time) => {
      expect(() => receipt(time)).toThrow(UnreadableFile);
      expect(() => receipt(`${time}+0100`)).toThrow(UnreadableFile);
    },
  );

  it.each([
    'README.md',
    '20220111_215824_cp_data_cities.csv',
    '20220111_215824_cp_data_cities.json.gz.part',
    '20220111_215824_cp_data.json',
    '20220111-215824_cp_data_cities.json',
    '2022011_215824_cp_data_cities.json',
    'x20220111_215824_cp_data_cities.json',
    '20220111_215824+9900_cp_data_cities.json',
    '20220111_215824+1_cp_data_cities.json',
    '',
  ])('is not looked for in a name of another form: "%s"', (name) => {
    expect(() => receiptOf(name, 'Europe/Berlin')).toThrow(
      /is not named like a poll file: expected YYYYmmdd/,
    );
  });
});
