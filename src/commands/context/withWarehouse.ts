import type { Context } from './context.js';
import { withInstallation } from './withInstallation.js';
import { prepareWarehouse } from './syncDecisions.js';

/** Run a short command's work with the address of the warehouse. A local warehouse is migrated first. */
export async function withWarehouse<T>(context: Context, work: (url: string) => Promise<T>): Promise<T> {
  return withInstallation(context, { postgres: true }, async ({ databaseUrl = '', supervisor }) => {
    // A cluster that was just created has no tables yet.
    if (supervisor?.addresses.postgresUrl !== undefined) await prepareWarehouse(context, databaseUrl);
    return work(databaseUrl);
  });
}
