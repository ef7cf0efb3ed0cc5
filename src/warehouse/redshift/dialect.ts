import type { Dialect, Words } from '../load/dialect.js';
import { archiveFacts } from './archive.js';
import { takeLock } from './database.js';
import { deriveDimensions, forgetTouched, noteTouched, replaceRuns } from './dimensions.js';
import { publishFacts, removeFacts } from './facts.js';
import { deriveHistory } from './history.js';
import { deriveIntervals } from './intervals.js';
import { publishMarts } from './marts.js';
import { awaitsRebuild, requireMigrated } from './migrate.js';
import { judgedPolls } from './polls.js';
import { examineQuality } from './quality.js';
import { REDSHIFT_REBUILDING } from './rebuild.js';
import { WAREHOUSES } from './schemas.js';
import { REDSHIFT_STAGING } from './staging.js';

const nothing = () => Promise.resolve();

export const REDSHIFT_WORDS: Words = {
  now: 'sysdate',
  longAgo: '0001-01-01T00:00:00Z',
  joinedBy: (column) => `distkey (${column})`,
  everywhere: 'diststyle all',
  listed: (column) => `listagg(${column}, ',') within group (order by ${column})`,
  lock: (table) => `lock table ${table}`,
};

export const REDSHIFT: Dialect = {
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
  judgedPolls,
  staging: REDSHIFT_STAGING,
  facts: {
    publish: publishFacts,
    analyze: nothing,
    vacuum: nothing,
    remove: removeFacts,
    archive: archiveFacts,
  },
  derive: {
    intervals: deriveIntervals,
    quality: examineQuality,
    runs: async (client, day) => {
      await noteTouched(client, day);
      await replaceRuns(client, day);
    },
    history: deriveHistory,
    dimensions: async (client) => {
      await deriveDimensions(client);
      await forgetTouched(client);
    },
    marts: publishMarts,
  },
  rebuilding: REDSHIFT_REBUILDING,
};
