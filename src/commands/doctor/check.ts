import type { HomeOwner } from '../../local/homeLock.js';
import type { Config } from '../../settings/config.js';
import type { Status } from '../status/reader.js';
import type { AskedFeeds } from './askedFeeds.js';
import type { Finding } from './finding.js';

/** The installation that the checks examine. Each function does its work once, for all checks. */
export interface Subject {
  env: NodeJS.ProcessEnv;
  config: Config;
  /**
   * Reads which process owns the home directory, and its addresses; null when there is none, or its record is
   * unreadable.
   */
  owner: () => Promise<HomeOwner | null>;
  /** Sends one request to every feed that is collected. */
  askFeeds: () => Promise<AskedFeeds>;
  /** Reads the same status as `ladepuls status`. */
  status: () => Promise<Status>;
}

interface Heading {
  /** Name of the check in the output, one or two words. */
  name: string;
  /** Time limit of the check in seconds. Default: {@link LIMIT_SECONDS}. */
  limitSeconds?: number;
}

/**
 * One check of `ladepuls doctor`. A check starts nothing, and deletes whatever it wrote as a test.
 * An error that a check throws becomes a finding with state `unknown`. Following the advice of a check never loses
 * data.
 */
export type Check =
  | (Heading & { needs: 'environment'; look(env: NodeJS.ProcessEnv): Promise<Finding[]> | Finding[] })
  /** Not run when a setting is wrong. */
  | (Heading & { needs: 'settings'; look(subject: Subject): Promise<Finding[]> | Finding[] });

export const LIMIT_SECONDS = 10;
