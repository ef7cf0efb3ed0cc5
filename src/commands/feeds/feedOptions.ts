import { addressRange } from '../../sources/addressRange.js';
import { InvalidAuth, parseAccess, secretsOf } from '../../sources/auth/auth.js';
import { FILE_SUFFIX, SECRET_PREFIX } from '../../sources/auth/secretName.js';
import { shownUrl } from '../../domain/shownUrl.js';
import { MAX_FEED_BODY_BYTES } from '../../sources/answerLimits.js';
import { interval } from '../../settings/types/duration.js';
import { size } from '../../settings/types/size.js';
import { NotAllowed, type ValueType } from '../../settings/types/valueType.js';
import type { FeedChange } from '../../stores/collectionChange.js';
import type { FeedState } from '../../stores/collectionLog.js';
import { CommandFailed, type Context } from '../context/context.js';

/** Options by which `feeds add` and `feeds set` configure a feed. */
export interface FeedOptions {
  url?: string;
  auth?: string[];
  interval?: string;
  maxBody?: string;
}

/** Text of `--interval` and `--max-body` that removes a feed's own value. */
const DEFAULT = 'default';
/** Text of `--auth` that removes all authentication of a feed. */
const NONE = 'none';
const ADDRESS = /^https?:\/\/[^\s/][^\s\p{Cc}]*$/u;

/**
 * Read the options of a feed.
 *
 * @throws CommandFailed when an option can't be used; the message never repeats the text of `--auth`
 */
export function readFeedOptions({ url, auth, interval: every, maxBody }: FeedOptions): FeedChange {
  if (url !== undefined && !(ADDRESS.test(url) && URL.canParse(url)))
    throw new CommandFailed(`--url is "${shownUrl(url)}", but it must be an http(s) address without blanks.`);
  const isNone = auth?.length === 1 && auth[0] === NONE;
  return {
    ...(url !== undefined && { url }),
    ...(auth !== undefined && { auth: isNone ? undefined : auth }),
    ...(every !== undefined && { interval_minutes: ownValue('--interval', every, interval) }),
    ...(maxBody !== undefined && { max_body_bytes: ownLimit(maxBody) }),
  };
}

/** Read a feed's own value of a setting; undefined when the feed is to have none. */
function ownValue(option: string, text: string, type: ValueType<number>): number | undefined {
  if (text === DEFAULT) return undefined;
  try {
    return type.parse(text);
  } catch (error) {
    if (!(error instanceof NotAllowed)) throw error;
    throw new CommandFailed(`${option} is "${text}", but it must be ${error.message}, or "${DEFAULT}".`);
  }
}

function ownLimit(text: string): number | undefined {
  const bytes = ownValue('--max-body', text, size);
  if (bytes === undefined || bytes <= MAX_FEED_BODY_BYTES) return bytes;
  throw new CommandFailed(
    `--max-body is "${text}", but it must be at most ${MAX_FEED_BODY_BYTES / 1e6}MB, because a worker holds an answer ` +
      'as a whole in memory.',
  );
}

/**
 * Check that a feed's own interval is one of the installation's slots.
 *
 * @throws CommandFailed when the interval is no multiple of the installation's
 */
export function checkInterval({ interval_minutes: own }: FeedState, slotMinutes: number): void {
  if (own === undefined || own % slotMinutes === 0) return;
  throw new CommandFailed(
    `--interval is ${own}m, but it must be a multiple of LADEPULS_INTERVAL, which is ${slotMinutes}m.`,
  );
}

/**
 * Check that a feed can be polled with its authentication. Returns the sentences that people should read: which secrets
 * are not set, and whether others can read them on the way.
 *
 * @throws CommandFailed when the authentication can't be used; the message never repeats it
 */
export function checkAccess({ env }: Pick<Context, 'env'>, { auth = [] }: FeedState, url: string): string[] {
  const access = readAccess(auth, url);
  const isSet = (variable: string) => env[variable] !== undefined && env[variable] !== '';
  const missing = secretsOf(access.auths)
    .map((name) => [SECRET_PREFIX + name, SECRET_PREFIX + name + FILE_SUFFIX] as const)
    .filter((variables) => !variables.some(isSet))
    .map(
      ([value, file]) =>
        `Set ${value}, or ${file}, in the environment of the worker, and start the worker again.`,
    );
  const isReadable = auth.length > 0 && url.startsWith('http:') && !isLoopback(new URL(url).hostname);
  return isReadable
    ? [...missing, 'The address has no https: others can read the secrets on the way.']
    : missing;
}

function readAccess(auth: readonly string[], url: string) {
  try {
    return parseAccess(auth, url);
  } catch (error) {
    if (error instanceof InvalidAuth) throw new CommandFailed(`--auth can't be used: ${error.message}.`);
    throw error;
  }
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || addressRange(hostname.replace(/^\[|\]$/g, '')) === 'loopback';
}
