import { createHash } from 'node:crypto';
import pg from 'pg';
import { withClient } from '../connection.js';

/** Role that can only read. The first migration creates it. */
export const READER = 'ladepuls_reader';

const APPLICATION = 'ladepuls readers';
/** SQL states: wrong password; the role may not log in; too many connections. */
const WRONG_PASSWORD = '28P01';
const NO_LOGIN = '28000';
const TOO_MANY = '53300';
/** SQL state of "tuple concurrently updated": another session has changed the same role at this moment. */
export const CHANGED_MEANWHILE = 'XX000';
const TRIES = 10;

/**
 * Let the readers' role log in, and return its connection string. The password is derived from the owner's password.
 *
 * Use it for the local Postgres only, where nobody can guess the owner's password. On any other server, its
 * administrator decides who may log in.
 *
 * @param ownerUrl connection string of the database's owner
 */
export async function openReaderLogin(ownerUrl: string): Promise<string> {
  const url = new URL(ownerUrl);
  const password = createHash('sha256').update(`${READER}:${url.password}`).digest('hex').slice(0, 32);
  url.username = READER;
  url.password = password;
  // A role may change its own password, and thereby lock out other readers. The password is then set again.
  if (!(await logsIn(url.href)))
    await alterRole(ownerUrl, `alter role ${READER} login password ${pg.escapeLiteral(password)}`);
  return url.href;
}

async function logsIn(url: string): Promise<boolean> {
  try {
    await withClient(url, APPLICATION, () => Promise.resolve());
    return true;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    if (error.code === TOO_MANY) return true;
    if (error.code === WRONG_PASSWORD || error.code === NO_LOGIN) return false;
    throw error;
  }
}

/** Alter a role. Retry when another session changes the role at the same moment. */
async function alterRole(ownerUrl: string, statement: string): Promise<void> {
  await withClient(ownerUrl, APPLICATION, async (client) => {
    for (let attempt = 1; ; attempt++) {
      try {
        await client.query(statement);
        return;
      } catch (error) {
        const isChanged = error instanceof pg.DatabaseError && error.code === CHANGED_MEANWHILE;
        if (!isChanged || attempt === TRIES) throw error;
      }
    }
  });
}
