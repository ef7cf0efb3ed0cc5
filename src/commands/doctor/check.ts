import type { HomeOwner } from '../../local/homeLock.js';
import type { Config } from '../../settings/config.js';
import type { Status } from '../status/reader.js';
import type { AskedFeeds } from './askedFeeds.js';
import type { Finding } from './finding.js';

/** What checks look at. */
export interface Subject {
  env: NodeJS.ProcessEnv;
  config: Config;
  /** What runs on the home, with its addresses; null: nothing, or nothing that can be read. */
  owner: () => Promise<HomeOwner | null>;
  /** Asks every feed that is collected. Done once, for all checks. */
  askFeeds: () => Promise<AskedFeeds>;
  /** What `ladepuls status` tells. Looked at once, for all checks. */
  status: () => Promise<Status>;
}

interface Heading {
  /** Names the check in the output, one or two words. */
  name: string;
  /** How long the check may take, in seconds. Default: 10. */
  limitSeconds?: number;
}

/**
 * One thing that is looked at. A check starts nothing and changes nothing. What it throws counts as `unknown`. Its
 * advice never loses data.
 */
export type Check =
  | (Heading & { needs: 'environment'; look(env: NodeJS.ProcessEnv): Promise<Finding[]> | Finding[] })
  /** Not looked at while settings are wrong. */
  | (Heading & { needs: 'settings'; look(subject: Subject): Promise<Finding[]> | Finding[] });

export const LIMIT_SECONDS = 10;
