import { backfill } from './backfill.js';
import { config } from './config.js';
import { coverage } from './coverage.js';
import type { CommandDeclaration, CommandGroup } from './declaration/declaration.js';
import { demo } from './demo.js';
import { doctor } from './doctor.js';
import { exportWarehouse } from './export.js';
import { feeds } from './feeds.js';
import { importRecorded } from './import.js';
import { load } from './load.js';
import { raw } from './raw.js';
import { rebuild } from './rebuild.js';
import { report } from './report.js';
import { reset } from './reset.js';
import { schedules } from './schedules.js';
import { service } from './service.js';
import { sql } from './sql.js';
import { start } from './start.js';
import { status } from './status.js';
import { stop } from './stop.js';
import { warehouseUrl } from './warehouseUrl.js';

/** Every command, in the order of `ladepuls --help`. To add a command, add its file and a line here. */
export const COMMANDS: readonly (CommandDeclaration | CommandGroup)[] = [
  start,
  demo,
  status,
  doctor,
  stop,
  service,
  feeds,
  coverage,
  load,
  backfill,
  rebuild,
  importRecorded,
  raw,
  sql,
  report,
  exportWarehouse,
  warehouseUrl,
  config,
  schedules,
  reset,
];
