import { topic } from '../setting.js';
import { warehouseUrl } from '../types/address.js';
import { readingTime } from '../types/duration.js';

export const READERS = topic('Readers of the warehouse', {
  url: {
    name: 'LADEPULS_READER_URL',
    type: warehouseUrl(
      'a connection string that begins with postgres:// or redshift://, as DATABASE_URL does',
    ),
    unset: '"ladepuls sql" refuses a warehouse at DATABASE_URL',
    about: 'The connection string of the warehouse at DATABASE_URL, for a role that only reads.',
  },
  statementTimeoutMs: {
    name: 'LADEPULS_READER_STATEMENT_TIMEOUT',
    type: readingTime,
    default: '15m',
    about: 'The time limit for a statement of a reader; a session may set its own.',
  },
  idleTimeoutMs: {
    name: 'LADEPULS_READER_IDLE_TIMEOUT',
    type: readingTime,
    default: '10m',
    about: 'The time limit for an idle transaction of a reader; a session may set its own.',
  },
});
