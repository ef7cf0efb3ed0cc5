import { Argument } from 'commander';
import { SCHEDULES } from '../temporal/names.js';
import type { CommandDeclaration, CommandGroup } from './declaration/declaration.js';
import { inContext } from './declaration/inContext.js';
import { type JsonOption, jsonOption } from './declaration/jsonOption.js';
import type { ScheduleAction } from './schedules/schedules.js';

const IDS = Object.values(SCHEDULES).join(', ');

/** Declare a command that acts on schedules, and then prints their state. */
function onSchedules(name: ScheduleAction, summary: string, example: string): CommandDeclaration {
  return {
    name,
    summary,
    arguments: [new Argument('[ids...]', `${IDS}; default: all that the settings want`)],
    options: [jsonOption()],
    examples: [example],
    action: inContext(async (context, ids: string[], options: JsonOption) => {
      const { schedules: run } = await import('./schedules/schedules.js');
      await run(context, name, ids, options);
    }),
  };
}

export const schedules: CommandGroup = {
  name: 'schedules',
  summary: `Temporal's schedules: ${IDS}`,
  examples: ['ladepuls schedules list'],
  subcommands: [
    onSchedules('list', 'state and times of schedules', 'ladepuls schedules list --json'),
    onSchedules(
      'apply',
      'create, change and delete schedules by the settings; paused ones stay paused',
      'ladepuls schedules apply',
    ),
    onSchedules(
      'pause',
      'start nothing until they are resumed',
      `ladepuls schedules pause ${SCHEDULES.loadDay}`,
    ),
    onSchedules(
      'resume',
      'have paused schedules act again',
      `ladepuls schedules resume ${SCHEDULES.loadDay}`,
    ),
  ],
};
