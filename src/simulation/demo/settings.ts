import { join } from 'node:path';
import { type Config, readConfig } from '../../settings/config.js';
import { isSimulated } from '../../local/simulatedHome.js';

/** Variables by which simulated data could reach real stores and warehouses, or the demo could poll real feeds. */
const REAL_PLACES = new Set([
  'RAW_STORE',
  'FLAT_STORE',
  'DATABASE_URL',
  'LADEPULS_READER_URL',
  'LADEPULS_FEEDS',
  'LADEPULS_CHARGECLOUD_URL',
]);
/** The only TEMPORAL_ variable that a demo uses: it is the path of a program, no address. */
const TEMPORAL_PROGRAM = 'TEMPORAL_CLI';

/** The settings of a demo. */
export interface DemoSettings {
  env: NodeJS.ProcessEnv;
  config: Config;
  /** Names of variables that are set but not used. */
  ignored: string[];
}

/**
 * Return the settings for a demo: the caller's, without those that name real stores, feeds or servers. The demo's home
 * is `demo` in LADEPULS_HOME, or LADEPULS_HOME itself if that is a demo's home.
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
