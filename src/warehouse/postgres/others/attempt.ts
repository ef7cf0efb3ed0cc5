import pg from 'pg';

/**
 * Classes of SQL states for which a retry may succeed. Examples are a lost connection, a conflict with another
 * transaction, a full disk, a held lock, a stopping server, and a system failure.
 */
const PASSING = /^(08|40|53|55|57|58)/;

/**
 * Run statements after a savepoint. If the database refuses one of them, roll back all of them.
 *
 * @returns the database's message; null if all statements succeeded
 * @throws the error when a retry of the transaction may succeed
 */
export async function attempt(client: pg.PoolClient, work: () => Promise<unknown>): Promise<string | null> {
  await client.query('savepoint attempt');
  try {
    await work();
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || PASSING.test(error.code ?? '')) throw error;
    await client.query('rollback to attempt; release attempt');
    return error.message;
  }
  await client.query('release attempt');
  return null;
}

export async function runAll(client: pg.PoolClient, statements: string[]): Promise<void> {
  for (const statement of statements) await client.query(statement);
}
