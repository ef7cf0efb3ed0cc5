import { topic } from '../setting.js';
import { host } from '../types/address.js';
import { someOf } from '../types/list.js';
import { port, share, wholeNumber } from '../types/number.js';
import { matching } from '../types/text.js';

export const WORKER = topic('Worker', {
  queues: {
    name: 'LADEPULS_QUEUES',
    type: someOf('acquire', 'load', 'current'),
    default: 'acquire,load,current',
    about:
      'The task queues that a worker serves: acquire polls, load loads days, current updates current statuses.',
  },
  threads: {
    name: 'LADEPULS_THREADS',
    type: wholeNumber(1, 64, 'threads'),
    default: '2',
    about: 'The threads of a worker that clean raw data.',
  },
  loadSlots: {
    name: 'LADEPULS_LOAD_SLOTS',
    type: wholeNumber(1, 64, 'activities'),
    default: '4',
    about: 'The most load activities that a worker runs at the same time.',
  },
  memoryTarget: {
    name: 'LADEPULS_MEMORY_TARGET',
    type: share,
    default: '80%',
    about:
      'A worker takes no extra load activities above this share of memory, of the container or else the machine.',
  },
  cpuTarget: {
    name: 'LADEPULS_CPU_TARGET',
    type: share,
    unset: 'no limit',
    about: 'A worker takes no extra load activities above this share of processor time.',
  },
  deployment: {
    name: 'LADEPULS_DEPLOYMENT',
    type: matching(/^[\w/-]+$/, 'letters, digits, _, - and /'),
    default: 'ladepuls',
    about: "The name of the workers' deployment in Temporal.",
  },
  buildId: {
    name: 'LADEPULS_BUILD_ID',
    type: matching(/^[\w.+-]+$/, 'a version such as 1.4.0: letters, digits, ., _, + and -'),
    unset: 'the worker is not versioned, and takes the workflow runs of every version',
    about: 'The version of a worker within its deployment.',
  },
  healthPort: {
    name: 'LADEPULS_HEALTH_PORT',
    type: port,
    unset: 'the worker opens no port',
    about: 'The port at which a worker responds to /live and /ready.',
  },
  healthHost: {
    name: 'LADEPULS_HEALTH_HOST',
    type: host,
    default: '127.0.0.1',
    about: 'The address at which a worker opens LADEPULS_HEALTH_PORT.',
  },
});
