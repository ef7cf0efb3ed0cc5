import { shownUrl } from '../../domain/shownUrl.js';
import { sourceByName } from '../../sources/registry.js';
import { FEED_NAME } from '../../sources/source.js';
import {
  type Collection,
  DEFAULT_SOURCE,
  firstCollection,
  withChanged,
  withFeed,
  withoutFeeds,
  withPaused,
} from '../../stores/collectionChange.js';
import { collectionAt, type FeedState, intervalOf, recordCollection } from '../../stores/collectionLog.js';
import { openKnownRaw } from '../../stores/knownRaw.js';
import { CommandFailed, type Context } from '../context/context.js';
import { formatTable } from '../console/table.js';
import type { JsonOption } from '../declaration/jsonOption.js';
import { checkAccess, checkInterval, type FeedOptions, readFeedOptions } from './feedOptions.js';

/** Print which feeds are collected (`ladepuls feeds list`). */
export async function listFeeds(context: Context, options: JsonOption): Promise<void> {
  const { feeds, interval_minutes } = await readCollection(context);
  if (options.json) {
    print(JSON.stringify({ intervalMinutes: interval_minutes, feeds: feeds.map(shownFeed) }));
    return;
  }
  print(
    formatTable(
      ['feed', 'source', 'state', 'every', 'at most', 'secrets', 'address'],
      feeds.map(({ name, source, paused, url, auth, ...own }) => [
        name,
        source,
        paused ? 'paused' : 'collected',
        own.interval_minutes === undefined ? null : `${intervalOf(own, { interval_minutes })} min`,
        own.max_body_bytes === undefined ? null : `${own.max_body_bytes / 1e6} MB`,
        auth?.join(' ') ?? null,
        shownUrl(url ?? addressOf(context, { name, source })),
      ]),
    ),
  );
  print(`${countFeeds(feeds)}, every ${interval_minutes} min`);
}

/** Collect another feed from now on (`ladepuls feeds add`). */
export async function addFeed(
  context: Context,
  name: string,
  options: JsonOption & FeedOptions & { source?: string },
): Promise<void> {
  const { source = DEFAULT_SOURCE } = options;
  checkName(name);
  const feed: FeedState = { name, source, ...readFeedOptions(options), paused: false };
  const advice = checkAccess(context, feed, requireAddress(context, feed));
  const edit = (feeds: FeedState[], slotMinutes: number) => {
    checkInterval(feed, slotMinutes);
    return withFeed(feeds, feed);
  };
  await change(context, 'add', options, edit, advice);
}

/** Change the address, secrets, interval or limit of a feed from now on (`ladepuls feeds set`). */
export async function setFeed(
  context: Context,
  name: string,
  options: JsonOption & FeedOptions,
): Promise<void> {
  const members = readFeedOptions(options);
  if (Object.keys(members).length === 0)
    throw new CommandFailed(`Nothing is to be changed: "ladepuls feeds set --help" lists the options.`);
  const advice: string[] = [];
  const edit = (feeds: FeedState[], slotMinutes: number) => {
    const changed = withChanged(feeds, name, members);
    const feed = changed.find((other) => other.name === name);
    if (feed === undefined) return changed;
    if (members.interval_minutes !== undefined) checkInterval(feed, slotMinutes);
    advice.push(...checkAccess(context, feed, requireAddress(context, feed)));
    return changed;
  };
  await change(context, 'set', options, edit, advice);
}

/** Stop collecting feeds (`ladepuls feeds remove`). Their stored answers are not deleted. */
export async function removeFeeds(context: Context, names: string[], options: JsonOption): Promise<void> {
  await change(context, 'remove', options, (feeds) => withoutFeeds(feeds, names));
}

/**
 * Stop polling feeds until they are resumed (`ladepuls feeds pause`). Their slots count as missed, with that reason.
 */
export async function pauseFeeds(context: Context, names: string[], options: JsonOption): Promise<void> {
  await change(context, 'pause', options, (feeds) => withPaused(feeds, names, true));
}

/** Poll paused feeds again (`ladepuls feeds resume`). */
export async function resumeFeeds(context: Context, names: string[], options: JsonOption): Promise<void> {
  await change(context, 'resume', options, (feeds) => withPaused(feeds, names, false));
}

/** Read which feeds are collected now: from the collection log or, when it has no entry yet, from the settings. */
export async function readCollection({ config }: Context): Promise<Collection> {
  const raw = openKnownRaw(config);
  try {
    return (await collectionAt(raw, Date.now())) ?? firstCollection(config.polling);
  } finally {
    await raw.close();
  }
}

/** Return the default address of a feed; empty when the source has no default. */
function addressOf({ config }: Context, { name, source }: { name: string; source: string }): string {
  return sourceByName(source).defaultUrl(name, { chargecloudUrl: config.polling.chargecloudUrl }) ?? '';
}

function checkName(name: string): void {
  if (!FEED_NAME.test(name)) {
    throw new CommandFailed(
      `"${name}" can't be a feed's name: it must begin with a letter or digit and have only letters, digits, ` +
        '".", "_", "~" and "-", 64 at most.',
    );
  }
}

function requireAddress(context: Context, feed: FeedState): string {
  const url = feed.url ?? addressOf(context, feed);
  if (url !== '') return url;
  throw new CommandFailed(
    `The source ${feed.source} has no default address. Give the address of the feed with --url.`,
  );
}

async function change(
  { config }: Context,
  reason: string,
  options: JsonOption,
  edit: (feeds: FeedState[], slotMinutes: number) => FeedState[],
  advice: readonly string[] = [],
): Promise<void> {
  const raw = openKnownRaw(config);
  try {
    const now = Date.now();
    const current = (await collectionAt(raw, now)) ?? firstCollection(config.polling);
    const { interval_minutes, setting } = current;
    const feeds = edit(current.feeds, interval_minutes);
    await recordCollection(raw, {
      at: new Date(now).toISOString(),
      reason,
      interval_minutes,
      feeds,
      setting,
    });
    const effect = 'The change applies from the next slot on.';
    print(
      options.json
        ? JSON.stringify({ feeds: feeds.map(shownFeed) })
        : [`${countFeeds(feeds)} from now on. ${effect}`, ...advice].join('\n'),
    );
  } finally {
    await raw.close();
  }
}

/** Copy a feed for output, without the secrets of its address. The collection log has the full address. */
function shownFeed(feed: FeedState): FeedState {
  return feed.url === undefined ? feed : { ...feed, url: shownUrl(feed.url) };
}

function countFeeds(feeds: FeedState[]): string {
  const paused = feeds.filter((feed) => feed.paused).length;
  const count = `${feeds.length} ${feeds.length === 1 ? 'feed' : 'feeds'}`;
  return paused === 0 ? count : `${count}, ${paused} of them paused`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
