import { Argument, Option } from 'commander';
import type { Context } from './context/context.js';
import type { CommandDeclaration, CommandGroup } from './declaration/declaration.js';
import { inContext } from './declaration/inContext.js';
import { type JsonOption, jsonOption } from './declaration/jsonOption.js';
import { sourceOption } from './declaration/sourceOption.js';
import { AUTH_FORMS } from '../sources/auth/auth.js';
import type { FeedOptions } from './feeds/feedOptions.js';
import type * as feedsModule from './feeds/feeds.js';

type ChangeFeeds = (context: Context, names: string[], options: JsonOption) => Promise<void>;

/** Declare a command that changes collected feeds, which its arguments name. */
function change(
  name: string,
  summary: string,
  example: string,
  chooseWork: (module: typeof feedsModule) => ChangeFeeds,
): CommandDeclaration {
  return {
    name,
    summary,
    arguments: [new Argument('<names...>', 'names of feeds')],
    options: [jsonOption()],
    examples: [example],
    action: inContext(async (context, names: string[], options: JsonOption) => {
      await chooseWork(await import('./feeds/feeds.js'))(context, names, options);
    }),
  };
}

const list: CommandDeclaration = {
  name: 'list',
  summary: 'the feeds that are collected',
  options: [jsonOption()],
  examples: ['ladepuls feeds list'],
  action: inContext(async (context, options: JsonOption) => {
    const { listFeeds } = await import('./feeds/feeds.js');
    await listFeeds(context, options);
  }),
};

const check: CommandDeclaration = {
  name: 'check',
  summary: 'ask each feed once, now, and store nothing',
  options: [jsonOption()],
  examples: ['ladepuls feeds check'],
  action: inContext(async (context, options: JsonOption) => {
    const { checkFeeds } = await import('./feeds/check.js');
    await checkFeeds(context, options);
  }),
};

const urlOption = (about: string) => new Option('--url <address>', about);
const authOption = () =>
  new Option('--auth <kind:NAME>', 'how the feed recognises Ladepuls, see below; may be repeated').argParser(
    (text: string, others: string[] | undefined) => [...(others ?? []), text],
  );

const intervalOption = () =>
  new Option(
    '--interval <time>',
    "time between two polls of the feed, such as 30m; default: LADEPULS_INTERVAL's",
  );
const maxBodyOption = () =>
  new Option('--max-body <size>', "largest answer of the feed, such as 60MB; default: LADEPULS_MAX_BODY's");

const WIDTH = Math.max(...Object.values(AUTH_FORMS).map(({ form }) => form.length));
const AUTH_HELP = [
  'Kinds of --auth. NAME is the name of a secret, never the secret: the worker reads the secret from',
  'LADEPULS_SECRET_<NAME>, or from the file that LADEPULS_SECRET_<NAME>_FILE names, at each request.',
  ...Object.values(AUTH_FORMS).map(({ form, about }) => `  ${form.padEnd(WIDTH)}  ${about}`),
].join('\n');

const add: CommandDeclaration = {
  name: 'add',
  summary: 'collect a further feed',
  arguments: [new Argument('<name>', 'its name; the case matters')],
  options: [
    sourceOption('the source that reads it'),
    urlOption("address of the feed; default: the source's address for that name"),
    authOption(),
    intervalOption(),
    maxBodyOption(),
    jsonOption(),
  ],
  details: AUTH_HELP,
  examples: [
    'ladepuls feeds add bonn',
    'ladepuls feeds add large --url https://example.org/large --interval 30m --max-body 60MB',
    'ladepuls feeds add mobiliteit --source ocpi --url https://example.org/ocpi/2.2/locations --auth token:MOBILITEIT',
  ],
  action: inContext(
    async (context, name: string, options: JsonOption & FeedOptions & { source?: string }) => {
      const { addFeed } = await import('./feeds/feeds.js');
      await addFeed(context, name, options);
    },
  ),
};

const set: CommandDeclaration = {
  name: 'set',
  summary: 'change the address, secrets, interval or limit of a feed',
  arguments: [new Argument('<name>', 'name of the feed')],
  options: [urlOption('address of the feed'), authOption(), intervalOption(), maxBodyOption(), jsonOption()],
  details: [
    'What is not named stays. "--auth none" removes all authentication; "--interval default" and "--max-body default"',
    `remove the feed's own values.\n\n${AUTH_HELP}`,
  ].join('\n'),
  examples: [
    'ladepuls feeds set bonn --url https://example.org/bonn --auth header:X-API-Key:BONN',
    'ladepuls feeds set bonn --auth none --interval 30m --max-body default',
  ],
  action: inContext(async (context, name: string, options: JsonOption & FeedOptions) => {
    const { setFeed } = await import('./feeds/feeds.js');
    await setFeed(context, name, options);
  }),
};

export const feeds: CommandGroup = {
  name: 'feeds',
  summary: 'which feeds are collected; changes hold from the next slot on',
  examples: ['ladepuls feeds list'],
  subcommands: [
    list,
    check,
    add,
    set,
    change(
      'remove',
      'stop collecting feeds; stored answers stay',
      'ladepuls feeds remove bonn',
      ({ removeFeeds }) => removeFeeds,
    ),
    change(
      'pause',
      'stop polling feeds until they are resumed',
      'ladepuls feeds pause koeln bonn',
      ({ pauseFeeds }) => pauseFeeds,
    ),
    change(
      'resume',
      'poll paused feeds again',
      'ladepuls feeds resume koeln',
      ({ resumeFeeds }) => resumeFeeds,
    ),
  ],
};
