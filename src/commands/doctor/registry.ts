import type { Check } from './check.js';
import { clock } from './checks/clock.js';
import { feeds } from './checks/feeds.js';
import { flatStore } from './checks/flatStore.js';
import { home } from './checks/home.js';
import { node } from './checks/node.js';
import { openFiles } from './checks/openFiles.js';
import { ports } from './checks/ports.js';
import { postgresProgram } from './checks/postgresProgram.js';
import { rawStore } from './checks/rawStore.js';
import { running } from './checks/running.js';
import { secrets } from './checks/secrets.js';
import { settings } from './checks/settings.js';
import { space } from './checks/space.js';
import { temporal } from './checks/temporal.js';
import { temporalProgram } from './checks/temporalProgram.js';
import { warehouse } from './checks/warehouse.js';

/** Every check, in the order of the output. To add a check, add its file and a line here. */
export const CHECKS: readonly Check[] = [
  settings,
  node,
  openFiles,
  home,
  space,
  ports,
  temporalProgram,
  postgresProgram,
  rawStore,
  flatStore,
  temporal,
  warehouse,
  running,
  secrets,
  feeds,
  clock,
];
