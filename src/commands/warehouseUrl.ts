import type { Slice } from '../settings/slice.js';
import { type Addresses, readOwner } from '../local/homeLock.js';
import { openReaderLogin } from '../warehouse/postgres/readers.js';
import { clientUrl } from '../warehouse/open.js';
import { CommandFailed, type Context } from './context/context.js';

/** `ladepuls warehouse-url`: the connection string, for psql or a BI tool: the reader's, unless the owner's is wanted. */
export async function warehouseUrl(
  { config }: Context,
  options: { owner?: boolean; json?: boolean },
): Promise<void> {
  const addresses = readOwner(config.general.home)?.addresses ?? {};
  const url = options.owner
    ? (config.warehouse.url ?? addresses.postgresUrl)
    : await readerUrl(config, addresses);
  if (url === undefined) {
    throw new CommandFailed(
      `No warehouse runs: start one with "ladepuls start" (LADEPULS_HOME is ${config.general.home}), or set DATABASE_URL.`,
    );
  }
  const shown = clientUrl(url);
  process.stdout.write(options.json ? `${JSON.stringify({ url: shown })}\n` : `${shown}\n`);
}

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
