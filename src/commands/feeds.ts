import { Argument, Option } from 'commander';
import type { Context } from './context/context.js';
import type { CommandDeclaration, CommandGroup } from './declaration/declaration.js';
import { inContext } from './declaration/inContext.js';
import { type JsonOption, jsonOption } from './declaration/jsonOption.js';
import { sourceOption } from './declaration/sourceOption.js';
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

const add: CommandDeclaration = {
  name: 'add',
  summary: 'collect a further feed',
  arguments: [new Argument('<name>', 'its name; the case matters')],
  options: [
    sourceOption('the source that reads it'),
    new Option('--url <address>', "address of the feed; default: the source's address for that name"),
    jsonOption(),
  ],
  examples: [
    'ladepuls feeds add bonn',
    'ladepuls feeds add mobiliteit --source ocpi --url https://example.org/ocpi/2.2/locations',
  ],
  action: inContext(
    async (context, name: string, options: JsonOption & { source?: string; url?: string }) => {
      const { addFeed } = await import('./feeds/feeds.js');
      await addFeed(context, name, options);
    },
  ),
};

export const feeds: CommandGroup = {
  name: 'feeds',
  summary: 'which feeds are collected; changes hold from the next slot on',
  examples: ['ladepuls feeds list'],
  subcommands: [
    list,
    check,
    add,
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
