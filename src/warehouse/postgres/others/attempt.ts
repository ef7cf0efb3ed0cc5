import pg from 'pg';

/**
 * Classes of SQL states that another try may mend: a lost connection, a conflict with another transaction, a full disk, a
 * lock that somebody holds, a server that stops, a failure of the system.
 */
const PASSING = /^(08|40|53|55|57|58)/;

/**
 * Runs statements behind a savepoint. Returns null, or why the database refused one of them; then none of them counts.
 * Throws what another try of the transaction may mend.
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

/** Runs statements one after the other. */
export async function runAll(client: pg.PoolClient, statements: string[]): Promise<void> {
  for (const statement of statements) await client.query(statement);
}
