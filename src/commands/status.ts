import { DateTime } from 'luxon';
import { type Addresses, readOwner } from '../embedded/homeLock.js';
import { describeSchedules, scheduleIds, type ScheduleReport } from '../schedules.js';
import { parseSlot } from '../domain/slot.js';
import { openStore } from '../stores/open.js';
import { readRawState, type RawState } from '../stores/rawState.js';
import { type LoadedState, readLoadedState } from '../warehouse/open.js';
import type { Context } from './context.js';
import { temporalEnv, withTemporal } from './running.js';
import { scheduleTable } from './schedules.js';

/** A part that can't be reached now, and why. */
interface Unknown {
  unknown: string;
}

interface Status {
  home: string;
  /** What runs on the home; null: nothing. */
  service: {
    pid: number;
    mode: 'service' | 'command';
    since: string;
    temporalAddress: string | null;
    temporalUiUrl: string | null;
    apiUrl: string | null;
    warehouse: 'embedded' | null;
  } | null;
  schedules: ScheduleReport[] | Unknown;
  raw: RawState | Unknown;
  warehouse: LoadedState | Unknown;
}

/** `ladepuls status`: what runs, since when, how fresh. Starts nothing. */
export async function status(context: Context, options: { json?: boolean }): Promise<void> {
  const { config } = context;
  const owner = readOwner(config.home);
  const addresses = owner?.addresses ?? {};
  const [schedules, raw, warehouse] = await Promise.all([
    readSchedules(context),
    orUnknown(() => readRaw(context)),
    readWarehouse(context, addresses),
  ]);
  const found: Status = {
    home: config.home,
    service: owner && {
      pid: owner.pid,
      mode: owner.mode,
      since: owner.since,
      temporalAddress: addresses.temporalAddress ?? null,
      temporalUiUrl: addresses.temporalUiUrl ?? null,
      apiUrl: addresses.apiUrl ?? null,
      warehouse: addresses.postgresUrl === undefined ? null : 'embedded',
    },
    schedules,
    raw,
    warehouse,
  };
  process.stdout.write(options.json ? `${JSON.stringify(found)}\n` : describe(found, config.timeZone));
}

async function readSchedules(context: Context): Promise<ScheduleReport[] | Unknown> {
  if (temporalEnv(context) === null) return { unknown: 'no Temporal runs' };
  return orUnknown(() =>
    withTemporal(context, (client) => describeSchedules(client, scheduleIds(context.config))),
  );
}

async function readRaw({ config }: Context): Promise<RawState> {
  const raw = openStore(config.rawStore);
  try {
    return await readRawState(raw);
  } finally {
    await raw.close();
  }
}

async function readWarehouse({ config }: Context, addresses: Addresses): Promise<LoadedState | Unknown> {
  const url = config.databaseUrl ?? addresses.postgresUrl;
  if (url === undefined) return { unknown: 'no warehouse runs; "ladepuls sql" starts it for one query' };
  return orUnknown(() => readLoadedState(url));
}

/** A part that fails must not hide what the others say. */
async function orUnknown<T>(read: () => Promise<T>): Promise<T | Unknown> {
  try {
    return await read();
  } catch (error) {
    return { unknown: error instanceof Error ? error.message : String(error) };
  }
}

function describe(found: Status, timeZone: string): string {
  const { schedules } = found;
  const lines = [
    ...describeService(found, timeZone),
    `Raw store: ${'unknown' in found.raw ? found.raw.unknown : describeRaw(found.raw, timeZone)}`,
    `Warehouse: ${'unknown' in found.warehouse ? found.warehouse.unknown : describeLoaded(found.warehouse, timeZone)}`,
    'unknown' in schedules ? `Schedules: ${schedules.unknown}` : scheduleTable(schedules, timeZone),
  ];
  return `${lines.join('\n')}\n`;
}

function describeService({ home, service }: Status, timeZone: string): string[] {
  if (!service) return [`Nothing runs on ${home}. Start it with "ladepuls start".`];
  const { pid, mode, since, temporalUiUrl, temporalAddress, apiUrl } = service;
  const what = mode === 'service' ? 'Ladepuls runs' : 'A command runs';
  const where = [
    temporalUiUrl && `Web UI ${temporalUiUrl}`,
    apiUrl && `API ${apiUrl}`,
    temporalAddress && `Temporal ${temporalAddress}`,
  ];
  const addresses = where.filter(Boolean).join(', ');
  return [
    `${what} on ${home} since ${local(since, timeZone)}, as process ${pid}.`,
    ...(addresses === '' ? [] : [addresses]),
  ];
}

function describeRaw({ feeds, firstDay, lastDay, lastRun }: RawState, timeZone: string): string {
  if (firstDay === null) return 'empty';
  const held = `${feeds} feeds, ${firstDay} to ${lastDay ?? ''}`;
  if (!lastRun) return held;
  const { slot, stored, notStored } = lastRun;
  const reasons = Object.entries(notStored).map(([feed, reason]) => `${feed}: ${reason}`);
  const at = local(new Date(parseSlot(slot)).toISOString(), timeZone);
  const counts = `last slot ${at}: ${stored} of ${stored + reasons.length} feeds stored`;
  return [`${held}; ${counts}`, ...reasons].join('\n  ');
}

function describeLoaded(state: LoadedState, timeZone: string): string {
  const { day, revision, publishedAt, days, latestQueryTime } = state;
  if (day === null || publishedAt === null) return 'nothing is loaded yet';
  return (
    `${days} ${days === 1 ? 'day' : 'days'}, the last one ${day}, revision ${revision}, ` +
    `loaded ${local(publishedAt, timeZone)}` +
    (latestQueryTime === null ? '' : `; the latest answer is of ${local(latestQueryTime, timeZone)}`)
  );
}

function local(instant: string, timeZone: string): string {
  return DateTime.fromISO(instant, { zone: timeZone }).toFormat('yyyy-MM-dd HH:mm');
}
