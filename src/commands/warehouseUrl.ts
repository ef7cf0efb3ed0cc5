import { Option } from 'commander';
import { readOwner } from '../local/homeLock.js';
import { CommandFailed } from './context/context.js';
import type { CommandDeclaration } from './declaration/declaration.js';
import { inContext } from './declaration/inContext.js';
import { type JsonOption, jsonOption } from './declaration/jsonOption.js';

export const warehouseUrl: CommandDeclaration = {
  name: 'warehouse-url',
  summary: 'the connection string of the warehouse, for psql or a BI tool, while it runs',
  options: [new Option('--owner', "the owner's, who may write, instead of the readers'"), jsonOption()],
  examples: ['psql "$(ladepuls warehouse-url)"'],
  action: inContext(async ({ config }, options: JsonOption & { owner?: boolean }) => {
    const { clientUrl } = await import('../warehouse/open.js');
    const { readerUrl } = await import('./context/readerUrl.js');
    const addresses = readOwner(config.general.home)?.addresses ?? {};
    const url = options.owner
      ? (config.warehouse.url ?? addresses.postgresUrl)
      : await readerUrl(config, addresses);
    if (url === undefined) {
      throw new CommandFailed(
        `The warehouse does not run. Start it with "ladepuls start" (LADEPULS_HOME is ${config.general.home}), or set DATABASE_URL.`,
      );
    }
    const shown = clientUrl(url);
    process.stdout.write(options.json ? `${JSON.stringify({ url: shown })}\n` : `${shown}\n`);
  }),
};
