import type { FeedInventory } from '../../cleaning/inventory.js';
import type { CleanTask, Damage, InventoryTask, MeasureTask } from '../../cleaning/pool.js';
import type { ChunkSizes, FeedSize } from '../../domain/chunks.js';
import type { Fields } from '../../settings/slice.js';
import type { Store } from '../../stores/store.js';
import type { Load } from '../../warehouse/warehouse.js';
import type { AwaitRebuildDeps } from '../awaitRebuild.js';

/** What the activities of the workflow `loadDay` depend on. Each may run again at any point, also beside itself. */
export interface LoadDeps
  extends AwaitRebuildDeps, Fields<'general.timeZone' | 'loading.bridgedSlots' | 'loading.refusesSevere'> {
  raw: Store;
  flat: Store;
  /** Cleans a slice off the event loop. Returns what is wrong with the slice where it can't be cleaned. */
  clean: (task: CleanTask, signal: AbortSignal) => Promise<string | Damage | null>;
  /** Finds out how large feeds' answers are, off the event loop. */
  measure: (task: MeasureTask, signal: AbortSignal) => Promise<FeedSize[] | Damage>;
  /** Lists what the raw store has of feeds' days, off the event loop. */
  takeInventories: (task: InventoryTask, signal: AbortSignal) => Promise<FeedInventory[] | Damage>;
  chunkSizes: ChunkSizes;
  /** Called after each publication. */
  onPublished: () => void;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** A chunk of a load, by its number in the load's plan. */
export type ChunkOfLoad = Load & { chunk: number };
