import { type QueryResult, readOnce } from '../query.js';
import { driverUrl } from './database.js';
import { literal } from '../literal.js';

/**
 * Runs one statement in a read-only transaction, as the user of the address. Dates and times are Redshift's own text, in
 * the given zone: `2022-01-11 21:58:29+01`. Throws an Error with Redshift's message.
 */
export async function query(url: string, statement: string, timeZone: string): Promise<QueryResult> {
  return readOnce(driverUrl(url), statement, async (client) => {
    await client.query(`set local timezone to ${literal(timeZone)}`);
    await client.query(`set local datestyle to 'ISO'`);
  });
}
