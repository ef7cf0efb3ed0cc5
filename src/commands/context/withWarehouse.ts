import type { Context } from './context.js';
import { withInstallation } from './withInstallation.js';
import { prepareWarehouse } from './syncDecisions.js';

/** Does a short command's work on the warehouse, given its address. A local one has its tables by then. */
export async function withWarehouse<T>(context: Context, work: (url: string) => Promise<T>): Promise<T> {
  return withInstallation(context, { postgres: true }, async ({ databaseUrl = '', supervisor }) => {
    // A cluster that was made just now has no tables yet.
    if (supervisor?.addresses.postgresUrl !== undefined) await prepareWarehouse(context, databaseUrl);
    return work(databaseUrl);
  });
}
