import type pg from 'pg';
import { withClient } from '../connection.js';

// What reports read is in both databases by the same names, and these statements are for both: SQL that Redshift knows too
// (sql/redshift/denied.yaml has what it does not), and names in lower case, because it makes all of them so.

/** Parts of local time, of a column `day`, as rows of a report name them. */
export const TIME_KEYS = {
  day: `to_char(day, 'YYYY-MM-DD')`,
  week: `to_char(day, 'IYYY') || '-W' || to_char(day, 'IW')`,
  month: `to_char(day, 'YYYY-MM')`,
};

/** SQL of those of some columns of text that are not null, with commas between. */
export function joined(...columns: string[]): string {
  return `substring(${columns.map((column) => `coalesce(', ' || ${column}, '')`).join(' || ')} from 3)`;
}

/** SQL of a whole number as a text. */
export function asText(number: string): string {
  return `cast(${number} as varchar(32))`;
}

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
