import type { Addresses } from '../../local/homeLock.js';
import type { Slice } from '../../settings/slice.js';
import { openReaderLogin } from '../../warehouse/postgres/readers.js';

/**
 * Return the connection string for readers.
 * For a database that DATABASE_URL names, this is LADEPULS_READER_URL or, when that is not set, DATABASE_URL: the
 * operator of that database decides who reads there. Undefined when no warehouse runs.
 */
export async function readerUrl(
  { warehouse, readers }: Slice<'warehouse.url' | 'readers.url'>,
  { postgresUrl }: Addresses,
): Promise<string | undefined> {
  if (warehouse.url !== undefined || postgresUrl === undefined) return readers.url ?? warehouse.url;
  return openReaderLogin(postgresUrl);
}
