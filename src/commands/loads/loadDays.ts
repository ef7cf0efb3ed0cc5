import { setMaxListeners } from 'node:events';
import type { Client, WorkflowHandle } from '@temporalio/client';
import pMap from 'p-map';
import { AWAITS_REBUILD, HOW_TO_REBUILD } from '../../domain/awaitsRebuild.js';
import type { Day } from '../../domain/day.js';
import { Interrupted } from '../../local/shutdownSignals.js';
import type { Installation } from '../../app/installation.js';
import { awaitsRebuild } from '../../warehouse/open.js';
import { CommandFailed, type Context } from '../context/context.js';
import { withInstallation } from '../context/withInstallation.js';
import { DayLoads } from './dayLoads.js';
import { describeDays } from '../context/days.js';
import { LoadFailed, waitForLoad } from '../running/loading.js';
import { describeLoads } from './report.js';
import { ProgressLine } from '../console/progressLine.js';

/**
 * Number of days that are loaded at once. Each day is spread over the slots of the load queue. While one day is checked
 * and published, which is sequential, the other days are cleaned and copied.
 */
const DAYS_AT_ONCE = 3;
const SHOW_EVERY_MS = 1_000;

export interface DaysToLoad {
  /** Days in order, without gaps. */
  days: Day[];
  /** The command that loads the days. A message names it as the way to continue. */
  command: 'load' | 'backfill';
  /** Called once, before the first day. */
  prepare?: (client: Client) => Promise<void>;
  /** Starts the load of a day, or returns the one that is under way. */
  begin: (client: Client, day: Day, signal: AbortSignal) => Promise<WorkflowHandle>;
}

/** Error for days that were not loaded, because they failed or the command was stopped. */
class DaysNotLoaded extends CommandFailed {
  override name = 'DaysNotLoaded';
  constructor(
    message: string,
    readonly exitCode: number,
  ) {
    super(message);
  }
}

/**
 * Load days in order, a few at once, and print the results. A failed day does not stop the others.
 * After the first Ctrl-C, no more days begin. If this command runs the worker, it waits for the loads under way; else
 * the command ends. A second Ctrl-C ends the command at once.
 *
 * @throws CommandFailed when days were not loaded. The message has the days, the reasons, and the command to continue
 *   with. After a signal, the exit code is the signal's.
 */
export async function loadDays(
  callers: Context,
  toLoad: DaysToLoad,
  options: { json?: boolean },
): Promise<void> {
  const line = new ProgressLine();
  const context = { ...callers, progress: (text: string) => line.print(text) };
  const { signal, hurry, progress } = context;
  const loads = new DayLoads(toLoad.days);
  const leaving = new AbortController();
  let hasWorker = false;
  const onSignal = () => {
    const { underWay } = loads;
    if (hasWorker && underWay.length > 0) progress(describeLastLoads(underWay));
    else leaving.abort(signal.reason);
  };
  const onHurry = () => leaving.abort(hurry.reason);
  signal.addEventListener('abort', onSignal);
  hurry.addEventListener('abort', onHurry);
  if (signal.aborted) onSignal();
  const timer = setInterval(() => line.show(() => loads.describeProgress()), SHOW_EVERY_MS);
  let stoppedBy: Error | undefined;
  try {
    const needs = { temporal: true, postgres: true, worker: true };
    await withInstallation({ ...context, signal: leaving.signal }, needs, async (installation) => {
      hasWorker = installation.workerPid !== undefined;
      await loadEach(context, installation, toLoad, loads, leaving.signal);
    });
    if (loads.remaining.length > 0) stoppedBy = signal.reason as Error;
  } catch (error) {
    stoppedBy = error as Error;
  } finally {
    clearInterval(timer);
    line.clear();
    signal.removeEventListener('abort', onSignal);
    hurry.removeEventListener('abort', onHurry);
  }
  report(loads, toLoad, { stoppedBy, hasWorker, ...options });
}

/**
 * Load each day. Resolves early, without the remaining days, when `signal` aborts.
 *
 * @throws the reason of `leaving` when it aborts, or the error when the installation fails
 */
async function loadEach(
  { signal, progress }: Pick<Context, 'signal' | 'progress'>,
  installation: Installation,
  { days, prepare, begin }: DaysToLoad,
  loads: DayLoads,
  leaving: AbortSignal,
): Promise<void> {
  await requireLoadable(installation);
  const client = await installation.client();
  await prepare?.(client);
  const loadOne = async (day: Day) => {
    if (signal.aborted) return;
    loads.begin(day);
    try {
      const result = await client.withAbortSignal(aborting(leaving), async () =>
        waitForLoad({ progress }, day, await begin(client, day, leaving)),
      );
      loads.succeed(day, result);
    } catch (error) {
      if (!(error instanceof LoadFailed)) throw error;
      loads.fail(day, error.reason);
    }
  };
  const loading = pMap(days, loadOne, { concurrency: DAYS_AT_ONCE, signal: leaving });
  const failed = installation.supervisor?.failed.then((error) => Promise.reject(error));
  await Promise.race(failed ? [loading, failed] : [loading]);
}

/**
 * Check that loads need not wait for a rebuild, because the command would wait for it too.
 *
 * @throws CommandFailed when the warehouse awaits a rebuild
 */
async function requireLoadable({ databaseUrl }: Installation): Promise<void> {
  if (databaseUrl === undefined) return;
  // A warehouse that only the worker can reach is checked by the worker.
  const awaits = await awaitsRebuild(databaseUrl).catch(() => false);
  if (awaits) throw new CommandFailed(`${AWAITS_REBUILD} ${HOW_TO_REBUILD}`);
}

/**
 * Derive a signal that ends the client's calls for one load. Without it, these calls would outlast the connection.
 * The client never removes its listeners. Therefore each load has a signal of its own, which is garbage-collected with
 * its listeners.
 */
function aborting(signal: AbortSignal): AbortSignal {
  const ofLoad = AbortSignal.any([signal]);
  setMaxListeners(0, ofLoad);
  return ofLoad;
}

function describeLastLoads(underWay: Day[]): string {
  const noun = underWay.length === 1 ? 'load' : 'loads';
  return (
    `Waiting for the end of ${underWay.length} running ${noun} (${describeDays(underWay)}). ` +
    'Press Ctrl-C again to stop at once.'
  );
}

function report(
  loads: DayLoads,
  toLoad: DaysToLoad,
  { json, stoppedBy, hasWorker }: { json?: boolean; stoppedBy: Error | undefined; hasWorker: boolean },
): void {
  // When no load began, only the reason is reported.
  if (stoppedBy && loads.remaining.length === toLoad.days.length && loads.underWay.length === 0)
    throw stoppedBy;
  const { results } = loads;
  if (json) process.stdout.write(`${JSON.stringify(results)}\n`);
  else if (results.length > 0) process.stdout.write(`${describeLoads(results)}\n`);
  const lines = loads.describeFailures();
  if (stoppedBy) lines.push(...describeStop(loads, toLoad, stoppedBy, hasWorker));
  if (lines.length === 0) return;
  throw new DaysNotLoaded(lines.join('\n'), stoppedBy instanceof Interrupted ? stoppedBy.exitCode : 1);
}

function describeStop(
  loads: DayLoads,
  { command, days }: DaysToLoad,
  stoppedBy: Error,
  hasWorker: boolean,
): string[] {
  const { underWay, remaining } = loads;
  const lines = [`${stoppedBy.message} ${loads.describeLoaded()}.`];
  if (underWay.length > 0) {
    const [noun, verb] = underWay.length === 1 ? ['load', 'continues'] : ['loads', 'continue'];
    const where = hasWorker ? 'when a worker runs again' : 'on the worker that serves this installation';
    lines.push(`The ${noun} of ${describeDays(underWay)} ${verb} ${where}.`);
  }
  const from = remaining[0] ?? '';
  return [
    ...lines,
    'To load the remaining days, run',
    `  ladepuls ${command} --from ${from} --to ${days.at(-1) ?? ''}`,
  ];
}
