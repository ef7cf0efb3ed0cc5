import { join } from 'node:path';
import { type Config, readConfig } from '../../settings/config.js';
import { isSimulated } from '../../local/simulatedHome.js';

/** What would lead simulated data into real stores and warehouses, or ask real feeds. */
const REAL_PLACES = new Set([
  'RAW_STORE',
  'FLAT_STORE',
  'DATABASE_URL',
  'LADEPULS_READER_URL',
  'LADEPULS_FEEDS',
  'LADEPULS_CHARGECLOUD_URL',
]);
/** The path of a program, and no address. */
const TEMPORAL_PROGRAM = 'TEMPORAL_CLI';

/** The settings of a demo. */
export interface DemoSettings {
  env: NodeJS.ProcessEnv;
  config: Config;
  /** Names of what was set and is not used. */
  ignored: string[];
}

/**
 * The settings for a demo: the caller's, but for everything that names a place of real data, on a home of its own:
 * `demo` inside LADEPULS_HOME, or that one itself where it is a demo's.
 */
export function demoSettings(env: NodeJS.ProcessEnv): DemoSettings {
  const isIgnored = (name: string) =>
    REAL_PLACES.has(name) || (name.startsWith('TEMPORAL_') && name !== TEMPORAL_PROGRAM);
  const kept = Object.fromEntries(Object.entries(env).filter(([name]) => !isIgnored(name)));
  const { home } = readConfig(kept).general;
  const own = { ...kept, LADEPULS_HOME: isSimulated(home) ? home : join(home, 'demo') };
  const ignored = Object.keys(env).filter((name) => isIgnored(name) && env[name] !== '');
  return { env: own, config: readConfig(own), ignored: ignored.sort() };
}
