import type { Client } from '@temporalio/client';
import { ensureSearchAttributes } from '../../temporal/searchAttributes.js';
import { applySchedules, describeSchedules, pauseSchedules, scheduleIds } from '../../temporal/schedules.js';
import { namesTemporal } from '../../temporal/client.js';
import { SCHEDULES } from '../../temporal/names.js';
import { CommandFailed, type Context } from '../context/context.js';
import { bringCollectionUpToDate } from '../running/service.js';
import { withTemporal } from '../context/running.js';
import { scheduleTable } from '../console/scheduleTable.js';

export type ScheduleAction = 'list' | 'apply' | 'pause' | 'resume';

/** Perform an action on schedules, then print their state (`ladepuls schedules`). */
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
  const text = options.json ? JSON.stringify(reports) : scheduleTable(reports, config.general.timeZone);
  process.stdout.write(`${text}\n`);
}

async function act(context: Context, client: Client, action: ScheduleAction, ids: string[]): Promise<void> {
  const { config, env, signal } = context;
  switch (action) {
    case 'list':
      return;
    case 'apply':
      if (namesTemporal(env)) await ensureSearchAttributes(env, signal);
      // When workers run without `ladepuls start`, as in containers, this call begins the collection.
      await bringCollectionUpToDate(context);
      // Without ids, all schedules are applied, and schedules that the settings no longer require are deleted.
      return applySchedules(client, config, isAll(context, ids) ? undefined : ids);
    case 'pause':
      return pauseSchedules(client, ids, true);
    case 'resume':
      return pauseSchedules(client, ids, false);
  }
}

/**
 * Return the given ids, or all ids when none is given.
 *
 * @throws CommandFailed when an id is unknown
 */
function chooseIds({ config }: Context, ids: string[]): string[] {
  const known = scheduleIds(config);
  const unknown = ids.find((id) => !known.includes(id));
  if (unknown === undefined) return ids.length === 0 ? known : ids;
  if (unknown === SCHEDULES.loadRecent)
    throw new CommandFailed(
      `There is no schedule "${unknown}". It exists only when LADEPULS_LOAD_EVERY is set, for example to 1h.`,
    );
  throw new CommandFailed(
    `There is no schedule "${unknown}". Give the name of one of these schedules: ${known.join(', ')}.`,
  );
}

function isAll({ config }: Context, ids: string[]): boolean {
  return scheduleIds(config).every((id) => ids.includes(id));
}
