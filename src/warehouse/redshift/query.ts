import { type QueryResult, readOnce } from '../query.js';
import { driverUrl } from './database.js';
import { literal } from '../literal.js';

/**
 * Run one statement in a read-only transaction, as the user in the address.
 *
 * Dates and times are returned as Redshift's text in the given time zone, such as `2022-01-11 21:58:29+01`.
 *
 * @throws Error with Redshift's message when the statement fails
 */
export async function query(url: string, statement: string, timeZone: string): Promise<QueryResult> {
  return readOnce(driverUrl(url), statement, async (client) => {
    await client.query(`set local timezone to ${literal(timeZone)}`);
    await client.query(`set local datestyle to 'ISO'`);
  });
}
