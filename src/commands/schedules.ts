import type { Client } from '@temporalio/client';
import { DateTime } from 'luxon';
import { ensureSearchAttributes } from '../searchAttributes.js';
import { applySchedules, describeSchedules, pauseSchedules, type ScheduleReport } from '../schedules.js';
import { namesTemporal } from '../temporal.js';
import { SCHEDULES } from '../workflows/names.js';
import { CommandFailed, type Context } from './context.js';
import { withTemporal } from './running.js';
import { formatTable } from './table.js';

export interface JsonOption {
  json?: boolean;
}

/** `ladepuls schedules list`: the schedules, and when they act. */
export async function listSchedules(context: Context, ids: string[], options: JsonOption): Promise<void> {
  const chosen = chooseIds(ids);
  await withTemporal(context, (client) => print(context, client, chosen, options));
}

/** `ladepuls schedules apply`: makes the schedules what the settings say; whether they are paused stays. */
export async function applySettings(context: Context, ids: string[], options: JsonOption): Promise<void> {
  const { config, env, signal } = context;
  const chosen = chooseIds(ids);
  await withTemporal(context, async (client) => {
    if (namesTemporal(env)) await ensureSearchAttributes(env, signal);
    await applySchedules(client, config, chosen);
    await print(context, client, chosen, options);
  });
}

/** `ladepuls schedules pause`: nothing is started until they are resumed. */
export async function pause(context: Context, ids: string[], options: JsonOption): Promise<void> {
  await setPaused(context, ids, true, options);
}

/** `ladepuls schedules resume` */
export async function resume(context: Context, ids: string[], options: JsonOption): Promise<void> {
  await setPaused(context, ids, false, options);
}

async function setPaused(
  context: Context,
  ids: string[],
  paused: boolean,
  options: JsonOption,
): Promise<void> {
  const chosen = chooseIds(ids);
  await withTemporal(context, async (client) => {
    await pauseSchedules(client, chosen, paused);
    await print(context, client, chosen, options);
  });
}

/** All schedules where none is named. */
function chooseIds(ids: string[]): string[] {
  const known: string[] = Object.values(SCHEDULES);
  const unknown = ids.find((id) => !known.includes(id));
  if (unknown === undefined) return ids.length === 0 ? known : ids;
  throw new CommandFailed(`There is no schedule "${unknown}": the schedules are ${known.join(' and ')}.`);
}

async function print(context: Context, client: Client, ids: string[], options: JsonOption): Promise<void> {
  const reports = await describeSchedules(client, ids);
  const text = options.json ? JSON.stringify(reports) : scheduleTable(reports, context.config.timeZone);
  process.stdout.write(`${text}\n`);
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
