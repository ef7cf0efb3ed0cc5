import { createHash } from 'node:crypto';
import pg from 'pg';
import { withClient } from '../connection.js';

/** The role that reads and does nothing else; the first migration makes it. */
export const READER = 'ladepuls_reader';

const APPLICATION = 'ladepuls readers';
/** SQL states: the password is wrong; the role may not log in; so many connections are there. */
const WRONG_PASSWORD = '28P01';
const NO_LOGIN = '28000';
const TOO_MANY = '53300';
/** The SQL state of "tuple concurrently updated": another session changed the same role at this moment. */
export const CHANGED_MEANWHILE = 'XX000';
const TRIES = 10;

/**
 * The connection string of the role that can only read, in a database whose owner's is given: lets that
 * role log in, with a password that follows from the owner's. For the embedded Postgres, whose owner's password nobody
 * can guess; elsewhere, whoever runs the server decides who logs in.
 */
export async function openReaderLogin(ownerUrl: string): Promise<string> {
  const url = new URL(ownerUrl);
  const password = createHash('sha256').update(`${READER}:${url.password}`).digest('hex').slice(0, 32);
  url.username = READER;
  url.password = password;
  // A role may change its own password: a reader who did has shut out the others until now.
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

/** Alters a role; again, where another session does at the same moment. */
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
