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
 * Days under way at once. Each is spread over the load queue's slots; while one is checked and published, which goes
 * step by step, the others are cleaned and copied.
 */
const DAYS_AT_ONCE = 3;
const SHOW_EVERY_MS = 1_000;

export interface DaysToLoad {
  /** In order, without gaps. */
  days: Day[];
  /** The command that loads them: the one that continues where it is stopped. */
  command: 'load' | 'backfill';
  /** Done once, before the first day. */
  prepare?: (client: Client) => Promise<void>;
  /** Starts the load of a day, or finds the one that is under way. */
  begin: (client: Client, day: Day, signal: AbortSignal) => Promise<WorkflowHandle>;
}

/** Some days were not loaded: they failed, or the command was stopped. */
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
 * Loads days, the first ones first and a few at once, and prints what came of them. A day that fails does not keep the
 * others from being loaded. The first Ctrl-C lets those end that are under way on a worker of this command; a second
 * one leaves them too.
 *
 * @throws CommandFailed with the days that were not loaded, their reasons, and the command that continues where it was
 *   stopped; then it has the signal's exit code
 */
export async function loadDays(
  callers: Context,
  toLoad: DaysToLoad,
  options: { json?: boolean },
): Promise<void> {
  const line = new ProgressLine();
  const context = { ...callers, progress: (text: string) => line.tell(text) };
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

/** Rejects where it can't go on, or a signal makes it leave; resolves early where another one says to begin no more. */
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

/** Throws CommandFailed where loads would wait for a rebuild, which nobody in front of a terminal wants to. */
async function requireLoadable({ databaseUrl }: Installation): Promise<void> {
  if (databaseUrl === undefined) return;
  // A warehouse that only its worker reaches is asked there.
  const awaits = await awaitsRebuild(databaseUrl).catch(() => false);
  if (awaits) throw new CommandFailed(`${AWAITS_REBUILD} ${HOW_TO_REBUILD}`);
}

/**
 * Calls that wait for a load end with this signal; a connection that is closed would let them wait on. The client never
 * takes its listeners away: a signal for each load lets them go with it.
 */
function aborting(signal: AbortSignal): AbortSignal {
  const ofLoad = AbortSignal.any([signal]);
  setMaxListeners(0, ofLoad);
  return ofLoad;
}

function describeLastLoads(underWay: Day[]): string {
  const [noun, verb] = underWay.length === 1 ? ['load', 'is'] : ['loads', 'are'];
  return (
    `Stopping once the ${underWay.length} ${noun} that ${verb} under way (${describeDays(underWay)}) have ended. ` +
    'Press Ctrl-C again to stop at once.'
  );
}

function report(
  loads: DayLoads,
  toLoad: DaysToLoad,
  { json, stoppedBy, hasWorker }: { json?: boolean; stoppedBy: Error | undefined; hasWorker: boolean },
): void {
  // Nothing was begun: then there is nothing to tell but why.
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
    const verb = underWay.length === 1 ? 'goes' : 'go';
    const where = hasWorker ? 'when a worker runs again' : 'on the worker that serves this installation';
    lines.push(`${describeDays(underWay)} ${verb} on ${where}.`);
  }
  const from = remaining[0] ?? '';
  return [...lines, 'Continue with', `  ladepuls ${command} --from ${from} --to ${days.at(-1) ?? ''}`];
}
