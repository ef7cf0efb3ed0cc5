import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { withClient } from '../../../src/warehouse/connection.js';
import { bind, Sql, splitStatements } from '../../../src/warehouse/measures/sql.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';

describe('a file of SQL', () => {
  it('is split at semicolons that stand in no string, name or comment; comments are left out', () => {
    const text = `-- One; it's first.\nselect ';' as "a;b"; -- the end;\n\nselect 'it''s; -- no comment' ;\n;`;
    expect(splitStatements(text)).toEqual([`select ';' as "a;b"`, `select 'it''s; -- no comment'`]);
  });

  it('has parameters outside of strings, names and casts', () => {
    const parameters = {
      day: '2022-01-11',
      n: -2,
      is_addition: true,
      none: null,
      at: new Date(Date.UTC(2022, 0, 11, 23)),
      columns: ['a', 'order'],
      table: new Sql('charging_point'),
    };
    const write = (statement: string) => bind(statement, parameters);
    expect(write(`select :day::date, ':day', ":day", :n, :is_addition, :none`)).toBe(
      `select '2022-01-11'::date, ':day', ":day", -2, true, null`,
    );
    expect(write('select :at')).toBe(`select '2022-01-11 23:00:00.000+00'::timestamptz`);
    expect(write('select run.:columns, (run).:columns from new_:table as run')).toBe(
      'select run."a", run."order", (run)."a", (run)."order" from new_charging_point as run',
    );
    expect(write('select :table.id, x.:table')).toBe('select charging_point.id, x.charging_point');
  });

  it('is refused where it names a parameter that there is not, or a text could be read in two ways', () => {
    expect(() => bind('select :dya', { day: '2022-01-11' })).toThrow(
      'Internal error: the caller gave no value for the parameter :dya of this statement: select :dya',
    );
    expect(() => bind('select :zone', { zone: `\\' or 1 = 1` })).toThrow('has a backslash');
  });
});

describe('a text that stands for a parameter', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase('nothing');
    return () => database.drop();
  });

  it('comes back as it is, whatever it looks like', async () => {
    const text = fc
      .oneof(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom(`'`, `''; drop table t; --`, ':day', '$1', '--', '"', '::'),
      )
      .filter((one) => !/[\\\0]/.test(one));
    await withClient(database.url, 'test', async (client) => {
      await fc.assert(
        fc.asyncProperty(text, fc.integer(), fc.boolean(), async (word, number, truth) => {
          const [statement = ''] = splitStatements(
            'select :word::text as word, :number as number, :truth as truth;',
          );
          const { rows } = await client.query(bind(statement, { word, number, truth }));
          expect(rows).toEqual([{ word, number, truth }]);
        }),
        { numRuns: 200 },
      );
    });
  });
});
