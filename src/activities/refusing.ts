import { ApplicationFailure } from '@temporalio/activity';
import { ObjectNotFound } from '../stores/store.js';
import { LoadOutdated, LoadRefused, NotAddable } from '../warehouse/warehouse.js';

/** What trying again does not mend, by the names that workflows know it by. */
const FINAL = [LoadRefused, LoadOutdated, NotAddable];

/** SQLSTATE of a statement about a table that is not there. */
const UNDEFINED_TABLE = '42P01';

/** A broken promise does not mend by trying again, nor does what a load was built from and is no more. */
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
        `${(error as Error).message}; what the load has made is gone, or another version of Ladepuls made it: it is done anew`,
        LoadOutdated.name,
      );
    throw error;
  }
}

/** Whether a flat file or a table of the load is not there. */
function isGone(error: unknown): boolean {
  return error instanceof ObjectNotFound || (error as { code?: unknown }).code === UNDEFINED_TABLE;
}
