import { DateTime } from 'luxon';
import { localTime } from '../../domain/localTime.js';
import { isUnknown } from '../../domain/statusFacts.js';
import { parseSlot } from '../../domain/slot.js';
import type { RawState } from '../../stores/rawState.js';
import type { LoadedState } from '../../warehouse/open.js';
import { briefLine, LABELS } from './briefLine.js';
import { scheduleTable } from '../console/scheduleTable.js';
import type { Status } from './reader.js';

/**
 * Format a status for people: the findings with advice, then the facts.
 *
 * @param timeZone time zone of the instants
 */
export function describeStatus(status: Status, timeZone: string): string {
  const { schedules, raw, warehouse } = status;
  const lines = [
    ...describeFindings(status),
    '',
    ...describeService(status, timeZone),
    ...(raw === null ? [] : [`Raw store: ${isUnknown(raw) ? raw.unknown : describeRaw(raw, timeZone)}`]),
    `Warehouse: ${isUnknown(warehouse) ? warehouse.unknown : describeLoaded(warehouse, timeZone)}`,
    ...describeSpace(status),
    isUnknown(schedules) ? `Schedules: ${schedules.unknown}` : scheduleTable(schedules, timeZone),
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * Format a status for monitoring plugins: one line with the level and a text, then performance data.
 *
 * @example briefStatus(status, 'Europe/Berlin')
 * // 'LADEPULS OK - 38 of 38 feeds stored in slot 12:10; day 2022-01-11 loaded | stored=38 not_stored=0 …'
 */
export function briefStatus(status: Status, timeZone: string): string {
  const { level, findings } = status;
  const told =
    findings.length === 0 ? wellText(status, timeZone) : findings.map(({ text }) => text).join(' ');
  return briefLine(level, told, performanceData(status));
}

function wellText({ lastSlot, warehouse }: Status, timeZone: string): string {
  const slot =
    lastSlot === null
      ? 'no slot was run yet'
      : `${lastSlot.stored} of ${lastSlot.stored + Object.keys(lastSlot.notStored).length} feeds stored in slot ` +
        DateTime.fromMillis(lastSlot.slot, { zone: timeZone }).toFormat('HH:mm');
  const day = isUnknown(warehouse) ? null : (warehouse.wholeDays[0] ?? null);
  return `${slot}; ${day === null ? 'no day loaded yet' : `day ${day} loaded`}`;
}

/** Format performance data with labels and units as the guidelines of monitoring plugins define them. */
function performanceData({ at, lastSlot, space, spool, findings }: Status): string {
  const free = space.flatMap(({ state }) => (isUnknown(state) ? [] : [state.freeBytes]));
  const data: Record<string, string> = {
    ...(lastSlot !== null && {
      stored: String(lastSlot.stored),
      not_stored: String(Object.keys(lastSlot.notStored).length),
      slot_age: `${Math.max(0, Math.round((Date.parse(at) - lastSlot.slot) / 1000))}s`,
    }),
    ...(free.length > 0 && { free: `${Math.min(...free)}B` }),
    ...(spool !== null && !isUnknown(spool) && { spooled: String(spool.answers) }),
    findings: String(findings.length),
  };
  return Object.entries(data)
    .map(([label, value]) => `${label}=${value}`)
    .join(' ');
}

function describeFindings({ findings }: Status): string[] {
  if (findings.length === 0) return ['All is well.'];
  return findings.flatMap(({ severity, text, advice }) => [`${LABELS[severity]}  ${text}`, `  ${advice}`]);
}

const STATES = { starting: 'is starting', running: 'runs', restarting: 'is restarting' } as const;

function describeService({ home, service }: Status, timeZone: string): string[] {
  if (!service) return [`Nothing runs on ${home}.`];
  const { pid, mode, since, temporalUiUrl, temporalAddress, apiUrl, parts } = service;
  const what = mode === 'service' ? 'Ladepuls runs' : 'A command runs';
  const where = [
    temporalUiUrl && `Web UI ${temporalUiUrl}`,
    apiUrl && `API ${apiUrl}`,
    temporalAddress && `Temporal ${temporalAddress}`,
  ];
  const addresses = where.filter(Boolean).join(', ');
  const states = parts.map(({ name, state }) => `${name} ${STATES[state]}`);
  return [
    `${what} on ${home} since ${localTime(Date.parse(since), timeZone)}, as process ${pid}.`,
    ...(addresses === '' ? [] : [addresses]),
    ...(states.length === 0 ? [] : [`Components: ${states.join(', ')}`]),
  ];
}

function describeRaw({ feeds, firstDay, lastDay, lastRun }: RawState, timeZone: string): string {
  if (firstDay === null) return 'empty';
  const held = `${feeds} feeds, ${firstDay} to ${lastDay ?? ''}`;
  if (!lastRun) return held;
  const { slot, stored, notStored } = lastRun;
  const reasons = Object.entries(notStored).map(([feed, reason]) => `${feed}: ${reason}`);
  const at = localTime(parseSlot(slot), timeZone);
  const counts = `last slot ${at}: ${stored} of ${stored + reasons.length} feeds stored`;
  return [`${held}; ${counts}`, ...reasons].join('\n  ');
}

function describeLoaded(state: LoadedState, timeZone: string): string {
  const { day, revision, publishedAt, days, latestQueryTime } = state;
  if (day === null || publishedAt === null) return 'nothing is loaded yet';
  return (
    `${days} ${days === 1 ? 'day' : 'days'}, the last one ${day}, revision ${revision}, ` +
    `loaded ${localTime(Date.parse(publishedAt), timeZone)}` +
    (latestQueryTime === null
      ? ''
      : `; the latest answer is of ${localTime(Date.parse(latestQueryTime), timeZone)}`)
  );
}

function describeSpace({ space }: Status): string[] {
  return space.flatMap(({ folder, holds, state }) =>
    isUnknown(state)
      ? []
      : [`Free: ${(state.freeBytes / 1e9).toFixed(1)} GB at ${folder} (${holds.join(', ')})`],
  );
}
