import pg from 'pg';
import { type QueryResult, readOnce } from '../query.js';

/**
 * Run one statement in a read-only transaction, as the role in the address. The role must not be able to write.
 *
 * Dates and times are returned as Postgres' text in the given time zone, such as `2022-01-11 21:58:29+01`.
 *
 * @throws Error with Postgres' message when the statement fails
 */
export async function query(url: string, statement: string, timeZone: string): Promise<QueryResult> {
  return readOnce(url, statement, async (client) => {
    await client.query(`set local timezone = ${pg.escapeLiteral(timeZone)}`);
    await client.query('set local datestyle = ISO');
    await refuseOwner(client);
  });
}

/**
 * Check that the role can't write.
 *
 * @throws Error when the role is the warehouse's owner or may become it, since a query could then do what the owner may
 */
async function refuseOwner(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ role: string }>(
    `select session_user as role from pg_class join pg_namespace on pg_namespace.oid = relnamespace
     where nspname = 'ops' and relname = 'day_revision' and pg_has_role(session_user, relowner, 'member')`,
  );
  const [owner] = rows;
  if (owner)
    throw new Error(
      `the role "${owner.role}" may write to the warehouse, so the query was not run. ` +
        'Give an address with a role that may only read, such as ladepuls_reader, in LADEPULS_READER_URL.',
    );
}
