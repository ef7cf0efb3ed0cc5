import { knownCollectorId } from '../../stores/collectionLog.js';
import { openKnownRaw } from '../../stores/knownRaw.js';
import type { DecisionTable } from '../../warehouse/decisions.js';
import { describeSynced, syncDecisions } from '../../warehouse/syncDecisions.js';
import { openWarehouse } from '../../warehouse/open.js';
import type { Context } from './context.js';

/** Brings the tables of an embedded warehouse up to date, and people's own tables back where it is a new one. */
export async function prepareWarehouse(context: Context, url: string): Promise<void> {
  await migrateWarehouse(context, url);
  await syncOrTell(context, url);
}

/** Brings the tables of a warehouse up to date. */
export async function migrateWarehouse({ config }: Context, url: string): Promise<void> {
  const warehouse = openWarehouse(url, config);
  try {
    await warehouse.migrate();
  } finally {
    await warehouse.close();
  }
}

/**
 * Keeps people's own tables in the raw store, or restores them from there, and tells what was restored. What fails is told
 * too, and is no failure of the command: a worker tries again.
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
 * Keeps people's own tables in the raw store of the settings. Does nothing beside another's warehouse where the raw store
 * is one that nobody collects into: it is not the warehouse's, whose worker copies them.
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
