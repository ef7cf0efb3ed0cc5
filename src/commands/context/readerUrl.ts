import type { Addresses } from '../../local/homeLock.js';
import type { Slice } from '../../settings/slice.js';
import { openReaderLogin } from '../../warehouse/postgres/readers.js';

/**
 * The connection string for readers. Of a database that DATABASE_URL names it is LADEPULS_READER_URL or, where that is not
 * set, the same: who reads there, is up to whoever runs it. Undefined where no warehouse runs.
 */
export async function readerUrl(
  { warehouse, readers }: Slice<'warehouse.url' | 'readers.url'>,
  { postgresUrl }: Addresses,
): Promise<string | undefined> {
  if (warehouse.url !== undefined || postgresUrl === undefined) return readers.url ?? warehouse.url;
  return openReaderLogin(postgresUrl);
}
