import { InvalidAuth, parseAccess } from '../../../sources/auth/auth.js';
import { prepareCredentials } from '../../../sources/auth/credentials.js';
import { SecretFailure, secretsIn } from '../../../sources/auth/secret.js';
import type { FeedState } from '../../../stores/collectionLog.js';
import { readKnownFeeds } from '../../context/knownFeeds.js';
import type { Check } from '../check.js';
import { type Finding, ok, problem, warning } from '../finding.js';

const DAY_MS = 86_400_000;
/** Days before a client certificate expires from which on somebody should get a new one. */
const EARLY_DAYS = 21;

/** Read the secrets of every feed that is collected, and check that none expires soon. Prints no secret. */
export const secrets: Check = {
  name: 'secrets',
  needs: 'settings',
  async look(subject) {
    const { feeds } = await readKnownFeeds(subject);
    const guarded = feeds.filter(({ auth = [] }) => auth.length > 0);
    const found = (await Promise.all(guarded.map((feed) => look(feed, subject.env)))).flat();
    if (found.length > 0) return found;
    if (guarded.length === 0) return [ok('No feed needs a secret.')];
    return [
      ok(`The secrets of ${guarded.length === 1 ? 'one feed' : `${guarded.length} feeds`} can be used.`),
    ];
  },
};

async function look({ name, auth = [], url = '' }: FeedState, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  try {
    const { auths } = parseAccess(auth, url);
    const read = secretsIn(env);
    await prepareCredentials(auths, read, Date.now());
    const soon = await failureOf(prepareCredentials(auths, read, Date.now() + EARLY_DAYS * DAY_MS));
    if (soon === null) return [];
    return [
      warning(`${name}: ${soon.message}.`, 'Get a new certificate, and replace the file or variable by it.'),
    ];
  } catch (error) {
    if (error instanceof InvalidAuth)
      return [
        problem(`${name}: its authentication: ${error.message}.`, 'Change it with "ladepuls feeds set".'),
      ];
    if (!(error instanceof SecretFailure)) throw error;
    return [
      problem(`${name}: ${error.message}.`, 'Set it in the environment of the worker: docs/secrets.md.'),
    ];
  }
}

async function failureOf(work: Promise<unknown>): Promise<SecretFailure | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (error instanceof SecretFailure) return error;
    throw error;
  }
}
