import type { Config } from '../../settings/config.js';
import type { Addresses } from '../../local/homeLock.js';
import { openReaderLogin } from '../../warehouse/postgres/readers.js';

/**
 * The connection string for readers. Of a database that DATABASE_URL names it is LADEPULS_READER_URL or, where that is not
 * set, the same: who reads there, is up to whoever runs it. Undefined where no warehouse runs.
 */
export async function readerUrl(
  { databaseUrl, readerUrl: named }: Pick<Config, 'databaseUrl' | 'readerUrl'>,
  { postgresUrl }: Addresses,
): Promise<string | undefined> {
  if (databaseUrl !== undefined || postgresUrl === undefined) return named ?? databaseUrl;
  return openReaderLogin(postgresUrl);
}
