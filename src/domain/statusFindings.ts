import { DateTime } from 'luxon';
import { AWAITS_REBUILD, HOW_TO_REBUILD } from './awaitsRebuild.js';
import { addDays, type Day, dayOf } from './day.js';
import { describeDuration } from './duration.js';
import { localTime } from './localTime.js';
import { oneLine } from './oneLine.js';
import type { Slot } from './slot.js';
import {
  isUnknown,
  type FreeSpace,
  type OwnerFacts,
  type ComponentFacts,
  type SlotFacts,
  type SlotRunFacts,
  type SpaceFacts,
  type StatusFacts,
} from './statusFacts.js';

/**
 * Severity of a finding.
 * - `warning`: a person should check.
 * - `critical`: something is lost or out of date until a person acts.
 * - `unknown`: the state could not be determined.
 */
export type Severity = 'unknown' | 'warning' | 'critical';

/** Level of an installation: the severity of its most severe finding, or `ok` without findings. */
export type StatusLevel = 'ok' | Severity;

/** Exit status for each level, following the convention of monitoring plugins. */
export const EXIT_STATUS: Record<StatusLevel, number> = { ok: 0, warning: 1, critical: 2, unknown: 3 };

/** A problem of an installation. */
export interface StatusFinding {
  /**
   * Kind of the finding, such as `slot_overdue`. `id` and `subject` together identify a finding over several checks.
   */
  id: string;
  /** The component, schedule, day or folder with the problem; null when the kind alone identifies it. */
  subject: string | null;
  severity: Severity;
  /** The problem, in one line of one or two sentences. */
  text: string;
  /** What to do, in one line. */
  advice: string;
}

/** Time after a slot's interval in which its slot run may still write the record. */
const RECORD_TOLERANCE_MS = 60_000;
/** Consecutive slots without a stored answer after which a feed is reported. */
export const FAILING_AFTER_SLOTS = 6;
/** Local hour by which the day before must be loaded. The load starts at 04:10. */
const LOADED_BY_HOUR = 7;
/** Time after which a start counts as slow. A start that downloads programs may take some minutes. */
const STARTING_FOR_MS = 10 * 60_000;
/** Time for which a restart is reported. */
const RESTARTED_WITHIN_MS = 10 * 60_000;
/** Maximum number of feeds or days that a line lists. */
const NAMED_AT_MOST = 5;
const GB = 1e9;

/** Derive the findings from the facts about an installation, most severe first. */
export function statusFindings(facts: StatusFacts): StatusFinding[] {
  const findings = [
    ...judgeOwner(facts),
    ...judgeSchedules(facts),
    ...judgeSlots(facts),
    ...judgeSpool(facts),
    ...judgeFailedLoads(facts),
    ...judgeLoadedDays(facts),
    ...facts.space.flatMap(judgeSpace),
  ];
  const order: Severity[] = ['critical', 'warning', 'unknown'];
  return findings.sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}

/** Return the level of the most severe finding. */
export function levelOf(findings: readonly StatusFinding[]): StatusLevel {
  const has = (severity: Severity) => findings.some((finding) => finding.severity === severity);
  if (has('critical')) return 'critical';
  if (has('warning')) return 'warning';
  return has('unknown') ? 'unknown' : 'ok';
}

function finding(
  id: string,
  severity: Severity,
  text: string,
  advice: string,
  subject: string | null = null,
): StatusFinding {
  return { id, subject, severity, text: oneLine(text), advice: oneLine(advice) };
}

function judgeOwner({ owner, home, isRemote, nowMs, timeZone }: StatusFacts): StatusFinding[] {
  if (isUnknown(owner)) {
    const advice = 'Run ladepuls as the user who made the home, and look at the folder.';
    return [
      finding('home_unreadable', 'unknown', `What runs on ${home} can't be read: ${owner.unknown}`, advice),
    ];
  }
  if (owner === null || owner.mode === 'command') {
    if (isRemote) return [];
    const text =
      owner === null
        ? `Nothing runs on ${home}, so nothing is polled.`
        : `Only a command runs on ${home} (process ${owner.pid}), so nothing is polled.`;
    const advice = 'Start it with "ladepuls start", or as a service ("ladepuls service --help").';
    return [finding('nothing_runs', 'critical', text, advice)];
  }
  return [
    ...judgeStart(owner, home, nowMs, timeZone),
    ...owner.components.flatMap((component) => judgeComponent(component, home, nowMs, timeZone)),
    ...judgeWarehouseAddress(owner, home),
  ];
}

/** Report a missing warehouse. It needs a finding of its own, because polling works without a warehouse. */
function judgeWarehouseAddress(
  { isStarting, hasWarehouse, components }: OwnerFacts,
  home: string,
): StatusFinding[] {
  const isSaid = components.some(({ name, state }) => name === 'postgres' && state !== 'running');
  if (isStarting || hasWarehouse || isSaid) return [];
  const text = `The service on ${home} runs without a warehouse, so nothing is loaded.`;
  const advice = `Look at ${home}/logs/service.log for the reason, or set DATABASE_URL.`;
  return [finding('warehouse_missing', 'critical', text, advice)];
}

function judgeStart(owner: OwnerFacts, home: string, nowMs: number, timeZone: string): StatusFinding[] {
  if (!owner.isStarting) return [];
  const severity = nowMs - owner.sinceMs > STARTING_FOR_MS ? 'critical' : 'warning';
  const text = `Process ${owner.pid} is starting since ${localTime(owner.sinceMs, timeZone)}, and not ready yet.`;
  return [finding('starting', severity, text, `Wait; where it lasts, look at the logs in ${home}/logs.`)];
}

function judgeComponent(
  component: ComponentFacts,
  home: string,
  nowMs: number,
  timeZone: string,
): StatusFinding[] {
  const { name, state, restarts } = component;
  const sinceMs = Date.parse(component.since);
  const reason = component.reason === null ? '' : `: ${component.reason}`;
  const advice = `Look at ${home}/logs/${name}.log.`;
  const since = localTime(sinceMs, timeZone);
  // Without the API, only its clients are affected. Without any other component, data is lost or late.
  const severity = name === 'api' ? 'warning' : 'critical';
  if (state === 'starting') {
    const text = `${name} is being started since ${since}, and was not ready yet${reason}`;
    const isSlow = component.reason !== null || nowMs - sinceMs > STARTING_FOR_MS;
    const where = `Look at ${home}/logs/service.log and ${home}/logs/${name}.log.`;
    return [finding('part_down', isSlow ? severity : 'warning', text, where, name)];
  }
  if (state === 'restarting') {
    const text = `${name} does not run since ${since}, and is being restarted${reason}`;
    return [finding('part_down', severity, text, advice, name)];
  }
  if (restarts === 0 || nowMs - sinceMs > RESTARTED_WITHIN_MS) return [];
  const times = restarts === 1 ? 'once' : `${restarts} times`;
  const text = `${name} was restarted ${times}, the last time at ${since}${reason}`;
  return [finding('part_restarted', 'warning', text, advice, name)];
}

function judgeSchedules({ schedules, isRemote }: StatusFacts): StatusFinding[] {
  if (schedules === null) return [];
  if (isUnknown(schedules)) {
    const where = isRemote ? 'Look at the server that TEMPORAL_ADDRESS names.' : 'Look at logs/temporal.log.';
    return [finding('temporal_unreachable', 'critical', `Temporal: ${schedules.unknown}`, where)];
  }
  return schedules.flatMap(({ id, state }) => {
    if (state === 'active') return [];
    const isAcquire = id === 'acquire';
    const severity = isAcquire ? 'critical' : 'warning';
    const effect = isAcquire ? 'nothing is polled' : 'no day is loaded by itself';
    return state === 'absent'
      ? finding(
          'schedule_absent',
          'critical',
          `The schedule ${id} is missing, so ${effect}.`,
          'Create it with "ladepuls schedules apply".',
          id,
        )
      : finding(
          'schedule_paused',
          severity,
          `The schedule ${id} is paused, so ${effect}.`,
          `Resume it with "ladepuls schedules resume ${id}".`,
          id,
        );
  });
}

function judgeSlots(facts: StatusFacts): StatusFinding[] {
  const { slots } = facts;
  if (isUnknown(slots)) {
    const text = `The raw store can't be read: ${slots.unknown}`;
    return [finding('raw_unreachable', 'critical', text, 'Look at what RAW_STORE names.')];
  }
  return [
    ...judgeCollection(facts, slots),
    ...judgeOverdue(facts, slots),
    ...judgeLastRun(facts, slots),
    ...judgeFeeds(slots),
  ];
}

/**
 * Report that no feed is to be polled. No slot is then ever overdue. This may be intended, or the raw store was
 * emptied.
 */
function judgeCollection({ owner, isRemote }: StatusFacts, slots: SlotFacts): StatusFinding[] {
  const isServed = owner !== null && !isUnknown(owner) && owner.mode === 'service' && !owner.isStarting;
  if (slots.expectedSinceMs !== null || !(isServed || (owner === null && isRemote))) return [];
  if (slots.feeds === null) {
    const text = 'No feed is to be polled: the raw store has no collection log.';
    const advice =
      'Look whether RAW_STORE names the right store; a start of the service writes the log anew.';
    return [finding('nothing_to_poll', 'warning', text, advice)];
  }
  return slots.feeds === 0
    ? [
        finding(
          'nothing_to_poll',
          'warning',
          'No feed is collected, so nothing is polled.',
          'Add one with "ladepuls feeds add NAME".',
        ),
      ]
    : [
        finding(
          'nothing_to_poll',
          'warning',
          `Nothing is polled: all ${count(slots.feeds, 'feed')} are paused.`,
          'Resume one with "ladepuls feeds resume NAME".',
        ),
      ];
}

/**
 * Report overdue slots. A slot is overdue when its interval and {@link RECORD_TOLERANCE_MS} are over and no slot run
 * has written a record.
 */
function judgeOverdue(facts: StatusFacts, slots: SlotFacts): StatusFinding[] {
  const { nowMs, timeZone, home, isRemote } = facts;
  const due = firstDueSlot(facts, slots);
  if (due === null) return [];
  const intervalMs = slots.intervalMinutes * 60_000;
  const overdue = Math.floor((nowMs - RECORD_TOLERANCE_MS - due) / intervalMs);
  if (overdue < 1) return [];
  const first = localTime(due, timeZone);
  const last = slots.runs[0];
  const lastTold =
    last === undefined
      ? 'no slot was ever run'
      : `the last one that was run is ${localTime(last.slot, timeZone)}`;
  const text =
    overdue === 1
      ? `Slot ${first} is overdue; ${lastTold}.`
      : `${overdue} slots are overdue, from ${first} on; ${lastTold}.`;
  const advice = isRemote
    ? 'Look at the workers of queue acquire.'
    : `Look at ${home}/logs/worker.log and ${home}/logs/temporal.log.`;
  return [finding('slot_overdue', 'critical', text, advice)];
}

/** Return the first slot without a run that should have a record after its end; null when no run is expected. */
function firstDueSlot({ owner, schedules, isRemote }: StatusFacts, slots: SlotFacts): Slot | null {
  if (slots.expectedSinceMs === null || (owner !== null && isUnknown(owner))) return null;
  const runs = owner !== null && owner.mode === 'service';
  // A stopped service and a paused schedule have findings of their own.
  if (!runs && !isRemote) return null;
  if (Array.isArray(schedules) && schedules.some(({ id, state }) => id === 'acquire' && state !== 'active'))
    return null;
  const intervalMs = slots.intervalMinutes * 60_000;
  const sinceMs = Math.max(slots.expectedSinceMs, runs ? owner.sinceMs : 0);
  const first = Math.ceil(sinceMs / intervalMs) * intervalMs;
  return Math.max(first, (slots.runs[0]?.slot ?? 0) + intervalMs);
}

/** Report answers that arrived but could not be stored, and a slot without any stored answer. */
function judgeLastRun({ timeZone, home, owner }: StatusFacts, { runs }: SlotFacts): StatusFinding[] {
  const last = lastPolled(runs);
  if (!last) return [];
  const reasons = Object.values(last.notStored).filter((reason) => reason !== 'paused');
  const slot = localTime(last.slot, timeZone);
  const unstorable = reasons.filter((reason) => reason === 'store_failed').length;
  if (unstorable > 0) {
    const text = `Answers of ${count(unstorable, 'feed')} could not be stored in slot ${slot} (store_failed).`;
    return [
      finding(
        'store_failed',
        'critical',
        text,
        `Look at what RAW_STORE names, its space and rights, and ${home}/logs/worker.log.`,
      ),
    ];
  }
  if (last.stored > 0 || reasons.length === 0) return [];
  // When a service starts in the middle of a slot, it may be too late to poll that slot.
  const upMs = owner !== null && !isUnknown(owner) && owner.mode === 'service' ? owner.sinceMs : 0;
  if (last.slot < upMs && reasons.every((reason) => reason === 'late')) return [];
  const text = `Nothing was stored in slot ${slot}: ${countReasons(reasons)}.`;
  return [
    finding(
      'slot_not_stored',
      'critical',
      text,
      'Try "ladepuls feeds check"; if all feeds fail, check the network connection of this machine.',
    ),
  ];
}

/** Return the latest run in which a feed was due. Feeds with an interval of their own leave slots empty. */
function lastPolled(runs: readonly SlotRunFacts[]): SlotRunFacts | undefined {
  return runs.find(({ stored, notStored }) => stored > 0 || Object.keys(notStored).length > 0);
}

function judgeFeeds(slots: SlotFacts): StatusFinding[] {
  const { runs, slower = {} } = slots;
  const last = lastPolled(runs);
  if (!last || last.stored === 0 || runs.length < FAILING_AFTER_SLOTS) return [];
  const candidates = new Set([...Object.keys(last.notStored), ...Object.keys(slower)]);
  const failing = [...candidates].flatMap((feed) => {
    const reason = lastingReason(slots, feed);
    return reason === null || reason === 'paused' || reason === 'store_failed'
      ? []
      : [[feed, reason] as const];
  });
  if (failing.length === 0) return [];
  const named = failing.map(([feed, reason]) => `${feed} (${reason})`);
  const text = `${count(failing.length, 'feed')} not stored in the last ${FAILING_AFTER_SLOTS} slots: ${listed(named)}.`;
  const advice = 'Test them with "ladepuls feeds check".';
  return [finding('feeds_failing', 'warning', text, advice)];
}

/**
 * Return the latest reason of a feed that was not stored in the last {@link FAILING_AFTER_SLOTS} of its own slots; null
 * when it was stored in one of them, or had fewer.
 */
function lastingReason({ runs, slower = {} }: SlotFacts, feed: string): string | null {
  const isOwn = (run: SlotRunFacts) => feed in run.notStored || run.storedSlower?.includes(feed) === true;
  const own = (feed in slower ? runs.filter(isOwn) : runs).slice(0, FAILING_AFTER_SLOTS);
  const reasons = own.flatMap(({ notStored }) => notStored[feed] ?? []);
  return reasons.length === FAILING_AFTER_SLOTS ? (reasons[0] ?? null) : null;
}

function judgeSpool({ spool, nowMs, home }: StatusFacts): StatusFinding[] {
  if (spool === null) return [];
  if (isUnknown(spool)) {
    const text = `The spool can't be read: ${spool.unknown}`;
    return [finding('spool_unreadable', 'unknown', text, 'Look at its folder.')];
  }
  const broken = spool.broken === 0 ? [] : [brokenFinding(spool.broken, home)];
  if (spool.answers === 0 || spool.oldestMs === null) return broken;
  const text =
    `${count(spool.answers, 'answer')} (${size(spool.bytes)}) wait in the spool to be stored, ` +
    `the oldest for ${describeDuration(nowMs - spool.oldestMs)}.`;
  return [
    finding(
      'spool_used',
      'warning',
      text,
      'Look at what RAW_STORE names; answers go up once it can be written to.',
    ),
    ...broken,
  ];
}

function brokenFinding(broken: number, home: string): StatusFinding {
  const text = `${count(broken, 'file')} of the spool ${broken === 1 ? 'is' : 'are'} broken and set aside in ${home}/spool/broken.`;
  const advice = 'Look at the disk. Nothing reads or removes these files, and they take room of the spool.';
  return finding('spool_broken', 'warning', text, advice);
}

function judgeFailedLoads({ failedLoads, schedules }: StatusFacts): StatusFinding[] {
  if (failedLoads === null) return [];
  if (isUnknown(failedLoads)) {
    // The finding `temporal_unreachable` already reports this.
    if (schedules !== null && isUnknown(schedules)) return [];
    const text = `Whether loads failed can't be determined: ${failedLoads.unknown}`;
    return [finding('loads_unknown', 'unknown', text, 'Look at Temporal.')];
  }
  return failedLoads.map(({ day, workflowId, reason }) =>
    finding(
      'load_failed',
      'critical',
      `The load of ${day} failed: ${reason}`,
      `Look at the workflow ${workflowId}; load it again with "ladepuls load --from ${day}".`,
      day,
    ),
  );
}

function judgeLoadedDays(facts: StatusFacts): StatusFinding[] {
  const { loadedDays, failedLoads, slots, nowMs, timeZone, owner } = facts;
  if (loadedDays === null) return [];
  if (isUnknown(loadedDays)) {
    const text = `The warehouse can't be read: ${loadedDays.unknown}`;
    return [
      finding(
        'warehouse_unreachable',
        'critical',
        text,
        'Look at the warehouse (DATABASE_URL, or logs/postgres.log); polling continues.',
      ),
    ];
  }
  const failed = new Set(Array.isArray(failedLoads) ? failedLoads.map(({ day }) => day) : []);
  const polledDays = isUnknown(slots) ? [] : slots.days;
  const late = polledDays.filter(
    (day) => loadIsDue(day, owner, nowMs, timeZone) && !loadedDays.includes(day) && !failed.has(day),
  );
  const [first] = late;
  const lateText =
    late.length === 1
      ? `${first} is not loaded yet.`
      : `${late.length} days are not loaded yet: ${listed(late)}.`;
  const severity = late.length > 1 ? 'critical' : 'warning';
  if (facts.awaitsRebuild) {
    const text = first === undefined ? AWAITS_REBUILD : `${AWAITS_REBUILD} ${lateText}`;
    return [finding('rebuild_awaited', severity, text, HOW_TO_REBUILD)];
  }
  if (first === undefined) return [];
  const last = late.at(-1) ?? first;
  const range = first === last ? `--from ${first}` : `--from ${first} --to ${last}`;
  return [
    finding(
      'load_late',
      severity,
      lateText,
      `Where no load of it runs ("ladepuls schedules list"), load it with "ladepuls load ${range}".`,
    ),
  ];
}

/**
 * Return whether a day should be loaded by now. A service that started late in the morning gets as much time after its
 * start as between 04:00 and {@link LOADED_BY_HOUR}.
 */
function loadIsDue(day: Day, owner: StatusFacts['owner'], nowMs: number, timeZone: string): boolean {
  const by = DateTime.fromISO(addDays(day, 1), { zone: timeZone }).set({ hour: LOADED_BY_HOUR });
  const upMs = owner !== null && !isUnknown(owner) && owner.mode === 'service' ? owner.sinceMs : 0;
  const sinceUpMs = upMs + (LOADED_BY_HOUR - 4) * 3_600_000;
  return day < dayOf(nowMs, timeZone) && nowMs > Math.max(by.toMillis(), sinceUpMs);
}

function judgeSpace({ folder, holds, state }: SpaceFacts): StatusFinding[] {
  const what = holds.join(', ');
  if (isUnknown(state)) {
    const text = `The free space at ${folder} (${what}) can't be determined: ${state.unknown}`;
    return [finding('space_unknown', 'unknown', text, 'Look at the folder.', folder)];
  }
  const advice = 'Free some space, or move to a larger disk; polling stops where the disk is full.';
  const severity = spaceSeverity(state);
  if (severity !== null) {
    const { freeBytes, totalBytes } = state;
    const share = totalBytes === 0 ? 0 : Math.floor((freeBytes / totalBytes) * 100);
    const text = `Space is short: ${size(freeBytes)} (${share} %) are free at ${folder} (${what}).`;
    return [finding('space_short', severity, text, advice, folder)];
  }
  if (state.freeFiles !== null && state.freeFiles < 0.02) {
    const text = `The file system at ${folder} (${what}) can hold few further files: ${(state.freeFiles * 100).toFixed(1)} % of its inodes are free.`;
    return [finding('files_short', state.freeFiles < 0.005 ? 'critical' : 'warning', text, advice, folder)];
  }
  return [];
}

/**
 * Return the severity of a lack of space. The limit for a warning is 5 % of the disk, but at least 1 GB and at most 20
 * GB, because 5 % of a large disk lasts long. The limit for `critical` is 1 %, at least 0.2 GB and at most 2 GB.
 */
function spaceSeverity({ freeBytes, totalBytes }: FreeSpace): 'warning' | 'critical' | null {
  const least = (share: number, low: number, high: number) =>
    Math.min(Math.max(totalBytes * share, low), high);
  if (freeBytes < least(0.01, 0.2 * GB, 2 * GB)) return 'critical';
  return freeBytes < least(0.05, GB, 20 * GB) ? 'warning' : null;
}

function countReasons(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return listed([...counts].sort(([, a], [, b]) => b - a).map(([reason, times]) => `${times} × ${reason}`));
}

function listed(names: readonly string[]): string {
  const more = names.length - NAMED_AT_MOST;
  return names.slice(0, NAMED_AT_MOST).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** @example size(1_340_000_000) // '1.3 GB' */
function size(bytes: number): string {
  return bytes >= GB ? `${(bytes / GB).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`;
}
