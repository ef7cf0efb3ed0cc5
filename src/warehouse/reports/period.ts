import type pg from 'pg';
import { withClient } from '../connection.js';

// Both databases have the tables of reports under the same names, and run the same statements. Therefore these use only
// SQL that Redshift supports too; sql/redshift/denied.yaml lists unsupported SQL. Names are in lower case, because
// Redshift converts all names to lower case.

/** Expressions for units of local time, from a column `day`, as the rows of a report name them. */
export const TIME_KEYS = {
  day: `to_char(day, 'YYYY-MM-DD')`,
  week: `to_char(day, 'IYYY') || '-W' || to_char(day, 'IW')`,
  month: `to_char(day, 'YYYY-MM')`,
};

/** Return an expression that joins the text columns that are not null, separated by commas. */
export function joined(...columns: string[]): string {
  return `substring(${columns.map((column) => `coalesce(', ' || ${column}, '')`).join(' || ')} from 3)`;
}

/** Return an expression that converts an integer to text. */
export function asText(number: string): string {
  return `cast(${number} as varchar(32))`;
}

/** Run one statement of a report in a read-only transaction. */
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
