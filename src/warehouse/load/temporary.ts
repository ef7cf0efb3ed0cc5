import type pg from 'pg';

/**
 * Run `work` while a temporary table with the rows of `query` exists. Call in a transaction.
 *
 * The table is dropped explicitly, because Redshift has no ON COMMIT DROP and the connection is reused. If `work`
 * fails, the rollback drops the table.
 *
 * @param ending end of the `create table`: `joinedBy` or `everywhere` of the dialect's words
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
