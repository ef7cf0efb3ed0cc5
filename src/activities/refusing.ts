import { ApplicationFailure } from '@temporalio/activity';
import { ObjectNotFound } from '../stores/store.js';
import { LoadOutdated, LoadRefused, NotAddable } from '../warehouse/warehouse.js';

/** Errors that a retry does not resolve. Workflows know them by their names. */
const FINAL = [LoadRefused, LoadOutdated, NotAddable];

/** SQLSTATE of a statement on a table that does not exist. */
const UNDEFINED_TABLE = '42P01';

/**
 * Run `work`, and turn errors that a retry does not resolve into failures that Temporal does not retry.
 *
 * @throws ApplicationFailure of type `LoadRefused`, `LoadOutdated` or `NotAddable`; `LoadOutdated` also when a flat
 * file or a staging table of the load is gone
 */
export async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (FINAL.some((kind) => error instanceof kind)) {
      const { name, message } = error as Error;
      throw ApplicationFailure.nonRetryable(message, name);
    }
    if (isGone(error))
      throw ApplicationFailure.nonRetryable(
        `${(error as Error).message}; the load's flat files or staging tables are gone, ` +
          `or another version of Ladepuls made them: the load starts again automatically`,
        LoadOutdated.name,
      );
    throw error;
  }
}

/** Return whether the error says that a flat file or a table of the load does not exist. */
function isGone(error: unknown): boolean {
  return error instanceof ObjectNotFound || (error as { code?: unknown }).code === UNDEFINED_TABLE;
}
