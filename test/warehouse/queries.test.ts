import { beforeAll, describe, expect, it } from 'vitest';
import { dayBounds } from '../../src/domain/day.js';
import { openPool } from '../../src/warehouse/postgres/database.js';
import type { Statement } from '../../src/warehouse/queries/query.js';
import { QUERIES } from '../../src/warehouse/queries/registry.js';
import { DAY, ZONE } from '../cleaning/support/polls.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

const SETTINGS = { bridgedSlots: 2 };
const SPAN = { from: DAY, to: DAY, ...dayBounds(DAY, ZONE) };
const PAGE = { limit: 1 };
const CITY = { city: 'Köln' };

/** The statement of every query, with some parameters. */
const ASKED = {
  state: QUERIES.state.statement(SETTINGS),
  cities: QUERIES.cities.statement(SETTINGS),
  hours: QUERIES.hours.statement(SETTINGS, SPAN),
  stations: QUERIES.stations.statement(SETTINGS, CITY, PAGE),
  points: QUERIES.points.statement(SETTINGS, CITY, PAGE),
  history: QUERIES.history.statement(SETTINGS, 'DE*1', SPAN, PAGE),
  chargingEvents: QUERIES.chargingEvents.statement(SETTINGS, CITY, SPAN, PAGE),
  members: QUERIES.members.statement(SETTINGS, CITY),
  utilization: QUERIES.utilization.statement(SETTINGS, ['DE*1'], CITY, SPAN, 'week'),
  coverage: QUERIES.coverage.statement(SETTINGS, { feed: 'koeln' }, SPAN, PAGE),
  feeds: QUERIES.feeds.statement(SETTINGS),
  locations: QUERIES.locations.statement(SETTINGS, { offset: 0, limit: 1 }),
} satisfies Record<keyof typeof QUERIES, Statement>;

describe('a query', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
    return () => database.drop();
  });

  it.each(Object.keys(QUERIES) as (keyof typeof QUERIES)[])(
    'has the columns that it says, and no data of its parameters in its text: %s',
    async (name) => {
      const { text, values } = ASKED[name];
      const pool = openPool(database.url, 1);
      try {
        const { fields } = await pool.query(text, values);
        expect(fields.map((field) => field.name).sort()).toEqual([...QUERIES[name].columns].sort());
      } finally {
        await pool.end();
      }
      for (const value of values.filter((one) => typeof one === 'string')) expect(text).not.toContain(value);
    },
  );
});
