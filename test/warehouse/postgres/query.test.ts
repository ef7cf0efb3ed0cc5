import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { query } from '../../../src/warehouse/postgres/query.js';
import { openReaderLogin } from '../../../src/warehouse/postgres/readers.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let reader: string;
beforeAll(async () => {
  database = await createDatabase();
  reader = await openReaderLogin(database.url);
});
afterAll(() => database.drop());

const ask = async (statement: string) => (await query(reader, statement, 'Europe/Berlin')).rows[0];

describe('an answer', () => {
  it('has dates and times as Postgres writes them, in the project’s time zone', async () => {
    const instant = `timestamptz '2022-01-11 20:58:29Z'`;
    expect(
      await ask(
        `select date '2022-01-11', ${instant}, timestamp '2022-01-11 20:58:29.5', interval '26 hours'`,
      ),
    ).toEqual(['2022-01-11', '2022-01-11 21:58:29+01', '2022-01-11 20:58:29.5', '26:00:00']);
    expect(await ask(`select array[date '2022-01-11', null], array[${instant}]`)).toEqual([
      ['2022-01-11', null],
      ['2022-01-11 21:58:29+01'],
    ]);
  });

  it('has counts and sums as numbers where these hold them exactly', async () => {
    expect(await ask(`select count(*), 0.25::numeric, -12.50::numeric, 1::int, true, null`)).toEqual([
      1,
      0.25,
      -12.5,
      1,
      true,
      null,
    ]);
    expect(
      await ask(`select 9007199254740993::bigint, 0.12345678901234567890::numeric, 'NaN'::numeric`),
    ).toEqual(['9007199254740993', '0.12345678901234567890', 'NaN']);
  });

  it('comes of one statement that only reads', async () => {
    await expect(ask('delete from time')).rejects.toThrow('read-only transaction');
    await expect(ask('select 1; select 2')).rejects.toThrow('multiple commands');
    await expect(ask('select nothing from time')).rejects.toThrow(
      'column "nothing" does not exist at "nothing',
    );
  });
});
