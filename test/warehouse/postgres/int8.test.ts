import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { openPool } from '../../../src/warehouse/postgres/database.js';
import { withClient } from '../../../src/warehouse/connection.js';
import { query } from '../../../src/warehouse/postgres/query.js';
import { openReaderLogin } from '../../../src/warehouse/postgres/readers.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let reader: string;
beforeAll(async () => {
  database = await createDatabase();
  reader = await openReaderLogin(database.url);
  return () => database.drop();
});

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);
const INT8 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -SAFE - 2n, max: -SAFE + 2n }),
  fc.bigInt({ min: SAFE - 2n, max: SAFE + 2n }),
  fc.bigInt({ min: -1000n, max: 1000n }),
);
/** Return the expected JavaScript value of an int8. */
const seen = (value: bigint | null) =>
  value === null ? null : value >= -SAFE && value <= SAFE ? Number(value) : String(value);

it('int8 is a number wherever a number holds it, else its digits: in pools, on clients, in queries of people', async () => {
  const pool = openPool(database.url, 1);
  try {
    await fc.assert(
      fc.asyncProperty(INT8, fc.array(fc.option(INT8)), async (value, list) => {
        const array = `array[${list.map((one) => `'${one}'`.replace(`'null'`, 'null')).join(', ')}]::bigint[]`;
        const statement = `select '${value}'::bigint as value, ${array} as list, array[${array}, ${array}] as lists`;
        const expected = {
          value: seen(value),
          list: list.map(seen),
          lists: list.length === 0 ? [] : [list.map(seen), list.map(seen)],
        };
        expect((await pool.query(statement)).rows).toEqual([expected]);
        const rows = await withClient(
          database.url,
          'test',
          async (client) => (await client.query(statement)).rows as unknown[],
        );
        expect(rows).toEqual([expected]);
        expect((await query(reader, statement, 'UTC')).rows).toEqual([Object.values(expected)]);
      }),
      { numRuns: 30 },
    );
  } finally {
    await pool.end();
  }
});
