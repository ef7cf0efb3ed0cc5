import type { FeedInventory } from '../../cleaning/inventory.js';
import type { CleanTask, Damage, InventoryTask, MeasureTask } from '../../cleaning/pool.js';
import type { ChunkSizes, FeedSize } from '../../domain/chunks.js';
import type { Fields } from '../../settings/slice.js';
import type { Store } from '../../stores/store.js';
import type { Load } from '../../warehouse/warehouse.js';
import type { AwaitRebuildDeps } from '../awaitRebuild.js';

/**
 * Dependencies of the activities of the workflow `loadDay`. Each activity is idempotent, also when it runs twice
 * concurrently.
 */
export interface LoadDeps
  extends AwaitRebuildDeps, Fields<'general.timeZone' | 'loading.bridgedSlots' | 'loading.refusesSevere'> {
  raw: Store;
  flat: Store;
  /** Cleans a slice on another thread. Returns why the slice can't be cleaned; null when it was cleaned. */
  clean: (task: CleanTask, signal: AbortSignal) => Promise<string | Damage | null>;
  /** Estimates the size of feeds' answers on another thread. */
  measure: (task: MeasureTask, signal: AbortSignal) => Promise<FeedSize[] | Damage>;
  /** Takes the inventories of feeds' days in the raw store, on another thread. */
  takeInventories: (task: InventoryTask, signal: AbortSignal) => Promise<FeedInventory[] | Damage>;
  chunkSizes: ChunkSizes;
  /** Called after each publication. */
  onPublished: () => void;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** A chunk of a load, by its number in the load's plan. */
export type ChunkOfLoad = Load & { chunk: number };
