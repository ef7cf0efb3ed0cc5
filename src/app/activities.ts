import { log } from '@temporalio/activity';
import type { AcquireDeps } from '../activities/acquire/deps.js';
import type { ArchiveDeps } from '../activities/archive.js';
import { heartbeating } from '../activities/heartbeat.js';
import type { CurrentDeps } from '../activities/keepCurrent.js';
import type { LoadDeps } from '../activities/load/deps.js';
import type { RebuildDeps } from '../activities/rebuild.js';
import type { RecentDeps } from '../activities/recent.js';
import {
  type AcquireActivities,
  ACTIVITIES,
  type Bound,
  type CurrentActivities,
  type LoadActivities,
} from '../activities/registry.js';
import type { ReloadDeps } from '../activities/reload/planReloads.js';
import type { SealDeps } from '../activities/seal.js';
import { CHUNK_SIZES } from '../domain/chunks.js';
import { KnownCollection } from '../stores/knownCollection.js';
import { PollStore } from '../stores/pollStore.js';
import type { Spool } from '../stores/spool.js';
import type { Store } from '../stores/store.js';
import { StoreGate } from '../stores/storeGate.js';

/** The clock of a queue's activities; absent: this machine's. */
interface Clock {
  /** Milliseconds since the epoch. */
  now?: (() => number) | undefined;
}

/** What polls are made of. */
export interface AcquireOptions extends Omit<AcquireDeps, 'raw' | 'collection' | 'now'>, Clock {
  /** Fails within seconds where it does not answer. */
  raw: Store;
  /** Where answers wait that the raw store can't take; undefined: they are lost. */
  spool?: Spool | undefined;
  /** The file that keeps the feeds that were known last; absent: memory alone does. */
  collectionFile?: string;
  /** Keeps polls from waiting for a raw store that fails; absent: one of their own. */
  gate?: StoreGate;
}

/** Binds the activities of the queue `acquire`. */
export function acquireActivities({
  raw,
  spool,
  collectionFile,
  gate = new StoreGate(raw.url),
  now = Date.now,
  ...options
}: AcquireOptions): AcquireActivities {
  const onFallback = (error: unknown) => {
    log.warn('the raw store does not answer: the feeds are those that it had last', { error: String(error) });
  };
  const collection = new KnownCollection(raw, gate, collectionFile ?? null, onFallback);
  return bind(ACTIVITIES.acquire, { ...options, now, raw: new PollStore(raw, spool, gate), collection });
}

/** Binds the activity of the queue `current`. */
export function currentActivities(deps: CurrentDeps): CurrentActivities {
  return bind(ACTIVITIES.current, deps);
}

type LoadQueueDeps = LoadDeps & RecentDeps & ReloadDeps & SealDeps & ArchiveDeps & RebuildDeps;

/** What the activities of the queue `load` are made of. */
export interface LoadOptions
  extends Omit<LoadQueueDeps, 'now' | 'chunkSizes' | 'onPublished' | 'latest'>, Clock {
  /** Absent: those of production. */
  chunkSizes?: LoadDeps['chunkSizes'];
  /** Called after each publication. */
  onPublished?: () => void;
}

/** Binds the activities of the queue `load`: those of loads, reloads, rebuilds, sealing and the archive. All heartbeat. */
export function loadActivities({
  now = Date.now,
  chunkSizes = CHUNK_SIZES,
  onPublished = () => undefined,
  ...options
}: LoadOptions): LoadActivities {
  const latest = { compared: new Map<string, string>() };
  return bind(ACTIVITIES.load, { ...options, now, chunkSizes, onPublished, latest }, heartbeating);
}

/** Gives each activity of a table what it depends on; `around` is called with each run. */
function bind<Deps, Table extends Record<string, (deps: Deps, ...args: never[]) => Promise<unknown>>>(
  table: Table,
  deps: Deps,
  around: <T>(work: () => Promise<T>) => Promise<T> = (work) => work(),
): Bound<Table> {
  const bound = Object.entries(table).map(([name, activity]) => [
    name,
    (...args: never[]) => around(() => activity(deps, ...args)),
  ]);
  return Object.fromEntries(bound) as Bound<Table>;
}
