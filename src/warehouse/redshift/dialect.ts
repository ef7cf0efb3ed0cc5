import type { Dialect, Words } from '../load/dialect.js';
import { archiveFacts } from './archive.js';
import { takeLock } from './database.js';
import { publishFacts, removeFacts } from './facts.js';
import { awaitsRebuild, requireMigrated } from './migrate.js';
import { REDSHIFT_REBUILDING } from './rebuild.js';
import { WAREHOUSES } from './schemas.js';
import { REDSHIFT_STAGING } from './staging.js';

const nothing = () => Promise.resolve();

const REDSHIFT_WORDS: Words = {
  now: 'sysdate',
  longAgo: '0001-01-01T00:00:00Z',
  joinedBy: (column) => `distkey (${column})`,
  everywhere: 'diststyle all',
  listed: (column) => `listagg(${column}, ',') within group (order by ${column})`,
  lock: (table) => `lock table ${table}`,
};

export const REDSHIFT: Dialect = {
  database: 'redshift',
  warehouses: WAREHOUSES,
  words: REDSHIFT_WORDS,
  enforcesKeys: false,
  isParallel: false,
  wakeTimeoutMs: 30_000,
  awaitsRebuild,
  requireForm: requireMigrated,
  lock: takeLock,
  allowSorting: nothing,
  limitTableWaits: nothing,
  staging: REDSHIFT_STAGING,
  facts: {
    stage: nothing,
    publish: publishFacts,
    analyze: nothing,
    vacuum: nothing,
    remove: removeFacts,
    archive: archiveFacts,
  },
  rebuilding: REDSHIFT_REBUILDING,
};
