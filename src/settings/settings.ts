import type { Setting, Topic, ValueOf } from './setting.js';
import { API } from './topics/api.js';
import { GENERAL } from './topics/general.js';
import { LOADING } from './topics/loading.js';
import { LOCAL } from './topics/local.js';
import { POLLING } from './topics/polling.js';
import { READERS } from './topics/readers.js';
import { STORES } from './topics/stores.js';
import { WAREHOUSE } from './topics/warehouse.js';
import { WORKER } from './topics/worker.js';

/** Every setting, by topic and by field in `Config`. The order is that of `--help` and the docs. */
export const SETTINGS = {
  general: GENERAL,
  polling: POLLING,
  stores: STORES,
  warehouse: WAREHOUSE,
  readers: READERS,
  loading: LOADING,
  worker: WORKER,
  local: LOCAL,
  api: API,
} as const satisfies Record<string, Topic>;

type Settings = typeof SETTINGS;

/** The settings as declared, before {@link file://./following.ts} adds derived values. */
export type DeclaredConfig = {
  [Of in keyof Settings]: {
    [Field in keyof Settings[Of]['settings']]: Settings[Of]['settings'][Field] extends infer S extends Setting
      ? ValueOf<S>
      : never;
  };
};

/** The topics in their order. */
export const TOPICS: readonly Topic[] = Object.values(SETTINGS);

/** Every setting, in the order of the topics. */
export const ALL_SETTINGS: readonly Setting[] = TOPICS.flatMap(({ settings }) => Object.values(settings));
