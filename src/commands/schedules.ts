import type { Client } from '@temporalio/client';
import { DateTime } from 'luxon';
import { ensureSearchAttributes } from '../searchAttributes.js';
import {
  applySchedules,
  describeSchedules,
  pauseSchedules,
  scheduleIds,
  type ScheduleReport,
} from '../schedules.js';
import { namesTemporal } from '../temporal.js';
import { SCHEDULES } from '../workflows/names.js';
import { CommandFailed, type Context } from './context.js';
import { bringCollectionUpToDate } from './service.js';
import { withTemporal } from './running.js';
import { formatTable } from './table.js';

export type ScheduleAction = 'list' | 'apply' | 'pause' | 'resume';

/** `ladepuls schedules`: does something to schedules, and prints how they stand then. */
export async function schedules(
  context: Context,
  action: ScheduleAction,
  ids: string[],
  options: { json?: boolean },
): Promise<void> {
  const { config } = context;
  const chosen = chooseIds(context, ids);
  const reports = await withTemporal(context, async (client) => {
    await act(context, client, action, chosen);
    return describeSchedules(client, chosen);
  });
  const text = options.json ? JSON.stringify(reports) : scheduleTable(reports, config.timeZone);
  process.stdout.write(`${text}\n`);
}

async function act(context: Context, client: Client, action: ScheduleAction, ids: string[]): Promise<void> {
  const { config, env, signal } = context;
  switch (action) {
    case 'list':
      return;
    case 'apply':
      if (namesTemporal(env)) await ensureSearchAttributes(env, signal);
      // Where workers run without `start`, as in containers, this is what begins the collection.
      await bringCollectionUpToDate(context);
      // All of them, so that one goes that the settings no longer ask for.
      return applySchedules(client, config, isAll(context, ids) ? undefined : ids);
    case 'pause':
      return pauseSchedules(client, ids, true);
    case 'resume':
      return pauseSchedules(client, ids, false);
  }
}

/** All schedules where none is named. */
function chooseIds({ config }: Context, ids: string[]): string[] {
  const known = scheduleIds(config);
  const unknown = ids.find((id) => !known.includes(id));
  if (unknown === undefined) return ids.length === 0 ? known : ids;
  if (unknown === SCHEDULES.loadRecent)
    throw new CommandFailed(`There is no schedule "${unknown}": LADEPULS_LOAD_EVERY is not set, such as 1h.`);
  throw new CommandFailed(`There is no schedule "${unknown}": the schedules are ${known.join(', ')}.`);
}

function isAll({ config }: Context, ids: string[]): boolean {
  return scheduleIds(config).every((id) => ids.includes(id));
}

/** Schedules as a table for people, times in the given zone. */
export function scheduleTable(reports: ScheduleReport[], timeZone: string): string {
  const local = (instant: string | null) =>
    instant === null ? null : DateTime.fromISO(instant, { zone: timeZone }).toFormat('yyyy-MM-dd HH:mm:ss');
  return formatTable(
    ['schedule', 'state', 'next', 'last', 'last run'],
    reports.map(({ id, state, next, last, lastRun }) => [id, state, local(next), local(last), lastRun]),
  );
}
