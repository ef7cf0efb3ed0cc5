import type pg from 'pg';

/**
 * Runs `work` while there is a temporary table of a query's rows. Redshift has no ON COMMIT DROP, and the connection is
 * used again: so it is dropped here, or by the end of the transaction that failed. Call in a transaction.
 *
 * @param ending ends the creation: words of the dialect, `joinedBy` or `everywhere`
 */
export async function withTemporary<T>(
  client: pg.PoolClient,
  name: string,
  ending: string,
  query: string,
  work: () => Promise<T>,
): Promise<T> {
  await client.query(`create temp table ${name} ${ending} as ${query}`);
  const result = await work();
  await client.query(`drop table ${name}`);
  return result;
}
