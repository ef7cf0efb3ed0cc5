import { knownCollectorId } from '../../stores/collectionLog.js';
import { openKnownRaw } from '../../stores/knownRaw.js';
import type { DecisionTable } from '../../warehouse/decisions.js';
import { describeSynced, syncDecisions } from '../../warehouse/syncDecisions.js';
import { openWarehouse } from '../../warehouse/open.js';
import type { Context } from './context.js';

/** Migrate a local warehouse. In a new one, restore the tables that people edit from the raw store. */
export async function prepareWarehouse(context: Context, url: string): Promise<void> {
  await migrateWarehouse(context, url);
  await syncOrTell(context, url);
}

/** Apply pending migrations to a warehouse. */
export async function migrateWarehouse({ config }: Context, url: string): Promise<void> {
  const warehouse = openWarehouse(url, config);
  try {
    await warehouse.migrate();
  } finally {
    await warehouse.close();
  }
}

/**
 * Synchronize the tables that people edit with the raw store: copy edits there, or restore tables from there.
 * Report each restored table. A failure is reported, but does not fail the command, because a worker tries again.
 *
 * @param edited the table that was edited just now
 */
export async function syncOrTell(context: Context, url: string, edited?: DecisionTable): Promise<void> {
  try {
    for (const kept of await syncNow(context, url, edited))
      if (kept.did === 'restored') context.progress(describeSynced(kept));
  } catch (error) {
    if (context.signal.aborted) throw error;
    context.progress(
      `Tables of schema config are not copied to the raw store yet (${(error as Error).message}). ` +
        'They stay in the warehouse, and a worker copies them as soon as it can.',
    );
  }
}

/**
 * Copy the tables that people edit to the raw store of the settings, or restore them from there.
 * Does nothing when DATABASE_URL names the warehouse and no collector has used the raw store. That raw store does not
 * belong to the warehouse; a worker of the warehouse's own installation copies the tables.
 */
export async function syncNow({ config }: Context, url: string, edited?: DecisionTable) {
  const raw = openKnownRaw(config);
  try {
    if (config.warehouse.url !== undefined && (await knownCollectorId(raw)) === null) return [];
    return await syncDecisions({
      url,
      raw,
      nowMs: Date.now(),
      isThorough: true,
      ...(edited && { edited }),
    });
  } finally {
    await raw.close();
  }
}
