import { createHash } from 'node:crypto';
import pg from 'pg';

const READER = 'ladepuls_reader';

/**
 * The connection string of the role that can only read, in a database whose owner's is given: lets that
 * role log in, with a password that follows from the owner's. For the embedded Postgres; elsewhere,
 * whoever runs the server decides who logs in.
 */
export async function openReaderLogin(ownerUrl: string): Promise<string> {
  const url = new URL(ownerUrl);
  const password = createHash('sha256').update(`${READER}:${url.password}`).digest('hex').slice(0, 32);
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query(`alter role ${READER} login password ${pg.escapeLiteral(password)}`);
  } finally {
    await client.end();
  }
  url.username = READER;
  url.password = password;
  return url.href;
}
