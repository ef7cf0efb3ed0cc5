import type { Dialect, Words } from '../load/dialect.js';
import { allowSorting } from './database.js';
import { archiveFacts } from './archive.js';
import { analyzeFacts, publishSpans, removeSpans, stageSpans, vacuumFacts } from './facts.js';
import { requireRebuiltForm, storesRows } from './form.js';
import { takeLock } from './locks.js';
import { POSTGRES_REBUILDING } from './rebuild.js';
import { WAREHOUSES } from './schemas.js';
import { POSTGRES_STAGING } from './staging.js';

/** Longest wait of a publication for a lock on a table. While it waits, readers may queue behind it. */
const TABLE_WAIT = '500ms';

const POSTGRES_WORDS: Words = {
  now: 'now()',
  longAgo: '-infinity',
  joinedBy: () => '',
  everywhere: '',
  listed: (column) => `string_agg(${column}, ',' order by ${column})`,
  lock: (table) => `lock table ${table} in exclusive mode`,
};

export const POSTGRES: Dialect = {
  database: 'postgres',
  warehouses: WAREHOUSES,
  words: POSTGRES_WORDS,
  enforcesKeys: true,
  isParallel: true,
  wakeTimeoutMs: 5_000,
  awaitsRebuild: storesRows,
  requireForm: async (client, { isRebuild }) => {
    if (isRebuild) await requireRebuiltForm(client);
  },
  lock: takeLock,
  allowSorting,
  limitTableWaits: async (client) => {
    await client.query(`set local lock_timeout = '${TABLE_WAIT}'`);
  },
  staging: POSTGRES_STAGING,
  facts: {
    stage: stageSpans,
    publish: publishSpans,
    analyze: analyzeFacts,
    vacuum: vacuumFacts,
    remove: removeSpans,
    archive: archiveFacts,
  },
  rebuilding: POSTGRES_REBUILDING,
};
