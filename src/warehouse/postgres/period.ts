import type pg from 'pg';
import { withClient } from './database.js';

/** Parts of local time, of a column `day`, as rows of a report name them. */
export const TIME_KEYS = {
  day: 'day::text',
  week: `to_char(day, 'IYYY-"W"IW')`,
  month: `to_char(day, 'YYYY-MM')`,
};

/** Runs one statement of a report, in a transaction that can only read. */
export async function readPeriod<Row extends pg.QueryResultRow>(
  url: string,
  statement: string,
  parameters: unknown[],
): Promise<Row[]> {
  return withClient(url, 'ladepuls report', async (client) => {
    await client.query('begin read only');
    return (await client.query<Row>(statement, parameters)).rows;
  });
}
