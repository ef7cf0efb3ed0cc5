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

/** The clock of a queue's activities. */
interface Clock {
  /** Returns milliseconds since the epoch. Default: this machine's clock. */
  now?: (() => number) | undefined;
}

/** What the activities of polls depend on. */
export interface AcquireOptions extends Omit<AcquireDeps, 'raw' | 'collection' | 'now'>, Clock {
  /** Raw store that fails within seconds if it does not respond. */
  raw: Store;
  /** Stores answers while the raw store fails. If undefined, such answers are lost. */
  spool?: Spool | undefined;
  /** File that caches the last known feeds. If absent, they are cached in memory only. */
  collectionFile?: string;
  /** Lets polls skip a raw store that fails. Default: a new gate. */
  gate?: StoreGate;
}

/** Bind the activities of the queue `acquire` to what they depend on. */
export function acquireActivities({
  raw,
  spool,
  collectionFile,
  gate = new StoreGate(raw.url),
  now = Date.now,
  ...options
}: AcquireOptions): AcquireActivities {
  const onFallback = (error: unknown) => {
    log.warn('the raw store does not respond: the feeds that it had last are polled', {
      error: String(error),
    });
  };
  const collection = new KnownCollection(raw, gate, collectionFile ?? null, onFallback);
  return bind(ACTIVITIES.acquire, { ...options, now, raw: new PollStore(raw, spool, gate), collection });
}

/** Bind the activity of the queue `current` to what it depends on. */
export function currentActivities(deps: CurrentDeps): CurrentActivities {
  return bind(ACTIVITIES.current, deps);
}

type LoadQueueDeps = LoadDeps & RecentDeps & ReloadDeps & SealDeps & ArchiveDeps & RebuildDeps;

/** What the activities of the queue `load` depend on. */
export interface LoadOptions
  extends Omit<LoadQueueDeps, 'now' | 'chunkSizes' | 'onPublished' | 'latest'>, Clock {
  /** Default: {@link CHUNK_SIZES}. */
  chunkSizes?: LoadDeps['chunkSizes'];
  /** Called after each publication. Default: nothing. */
  onPublished?: () => void;
}

/** Bind the activities of the queue `load`: loads, reloads, rebuilds, sealing and the archive. All send heartbeats. */
export function loadActivities({
  now = Date.now,
  chunkSizes = CHUNK_SIZES,
  onPublished = () => undefined,
  ...options
}: LoadOptions): LoadActivities {
  const latest = { compared: new Map<string, string>() };
  return bind(ACTIVITIES.load, { ...options, now, chunkSizes, onPublished, latest }, heartbeating);
}

/** Bind each activity of a table to `deps`. `around` wraps each execution of an activity. */
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
