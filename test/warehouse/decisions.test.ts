import { beforeAll, describe, expect, it } from 'vitest';
import { DECISION_TABLES, DEFAULT_DECISIONS } from '../../src/warehouse/decisions.js';
import { readDecisionsCsv, writeDecisions } from '../../src/warehouse/decisionsCsv.js';
import { readDecisions } from '../../src/warehouse/open.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { itKeepsDecisions, itKeepsDecisionsWhateverHappens } from './decisions.suite.js';

describe("people's own tables, and their copies in the raw store", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
    return () => database.drop();
  });
  const bench = () => ({ address: database.url, url: database.url });

  it.each(DECISION_TABLES)(
    'a new warehouse has in %s what the program takes for untouched',
    async (table) => {
      const rows = await readDecisions(database.url, table);
      expect(writeDecisions(table, rows)).toBe(writeDecisions(table, DEFAULT_DECISIONS[table]));
    },
  );

  itKeepsDecisions(bench);
  itKeepsDecisionsWhateverHappens(bench, 40);
});

describe('a copy', () => {
  it('is CSV that people can read and import', () => {
    const rows = [{ status: 'X', status_group: 'unknown', is_charging: true }];
    expect(writeDecisions('status_group', rows)).toBe(
      'status,status_group,is_charging\n"X","unknown",true\n',
    );
    expect(readDecisionsCsv('status_group', writeDecisions('status_group', rows))).toEqual(rows);
  });

  it('of another release, with other columns, is refused', () => {
    expect(() => readDecisionsCsv('operator_spelling', 'spelling,operator,since\n')).toThrow(
      'its columns are',
    );
    expect(() => readDecisionsCsv('operator_spelling', '')).toThrow('its columns are ""');
  });
});
