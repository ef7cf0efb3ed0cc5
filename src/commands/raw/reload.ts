import { WorkflowFailedError } from '@temporalio/client';
import type { Day } from '../../domain/day.js';
import { describeFailure, openClient } from '../../temporal/client.js';
import { QUEUES } from '../../temporal/names.js';
import type { ReloadChangedResult } from '../../workflows/reloadChanged.js';
import { ProgressLine } from '../console/progressLine.js';
import type { Context } from '../context/context.js';
import { describeDays } from '../context/days.js';
import { temporalEnv } from '../context/running.js';

/** How loading corrected days again went. */
export interface Reloaded extends ReloadChangedResult {
  /** Why it was left to the service, as a sentence; null when all days were loaded or begun. */
  left: string | null;
}

const NOTHING: ReloadChangedResult = { days: [], notLoaded: {}, begun: [] };
/** What happens to corrected days that the command does not load. */
export const LEFT_TO_SERVICE = 'The service loads these days again by itself, within half an hour.';
const NOT_RUNNING =
  'Ladepuls does not run: once it runs, it loads these days again by itself, within half an hour.';
/** Each run of the workflow takes up to a hundred days. */
const MAX_RUNS = 100;
const SHOW_EVERY_MS = 1_000;

/**
 * Load the days again that were corrected, by the workflow that looks for days whose answers changed, and wait for it.
 * Loads of days long past are only begun. Does nothing when no Temporal runs: the service does the same once it runs.
 *
 * @throws the signal's reason when it aborts; the loads then continue
 */
export async function reloadCorrected(context: Context): Promise<Reloaded> {
  const env = temporalEnv(context);
  if (env === null) return { ...NOTHING, left: NOT_RUNNING };
  const line = new ProgressLine();
  const timer = setInterval(
    () => line.show(() => 'Loading the days again; Ctrl-C leaves it to the service'),
    SHOW_EVERY_MS,
  );
  try {
    const client = await openClient(env);
    try {
      return { ...(await client.withAbortSignal(context.signal, () => runs(client))), left: null };
    } finally {
      await client.connection.close();
    }
  } catch (error) {
    if (context.signal.aborted) throw context.signal.reason;
    const why = error instanceof WorkflowFailedError ? describeFailure(error) : (error as Error).message;
    return { ...NOTHING, left: `The days are not loaded again yet: ${why} ${LEFT_TO_SERVICE}` };
  } finally {
    clearInterval(timer);
    line.clear();
  }
}

async function runs(client: Awaited<ReturnType<typeof openClient>>): Promise<ReloadChangedResult> {
  const found: ReloadChangedResult = { days: [], notLoaded: {}, begun: [] };
  for (let run = 1; run <= MAX_RUNS; run++) {
    const handle = await client.workflow.start('reloadChanged', {
      taskQueue: QUEUES.load,
      workflowId: `reloadChanged-corrected-${Date.now()}-${run}`,
      args: [],
      staticSummary: 'load days again that were corrected',
    });
    const { days, notLoaded, begun } = (await handle.result()) as ReloadChangedResult;
    if (days.length + begun.length + Object.keys(notLoaded).length === 0) break;
    found.days = merged(found.days, days);
    found.begun = merged(found.begun, begun);
    Object.assign(found.notLoaded, notLoaded);
  }
  return found;
}

function merged(some: readonly Day[], more: readonly Day[]): Day[] {
  return [...new Set([...some, ...more])].sort();
}

/** Describe how loading again went, in lines for people. */
export function describeReloaded({ days, begun, left }: Reloaded): string[] {
  if (left !== null) return [left];
  const lines = days.length === 0 ? [] : [`Loaded again: ${describeDays(days)}.`];
  if (begun.length > 0)
    lines.push(
      `Being loaded again, after newer days: ${describeDays(begun)}. "ladepuls status" shows failures.`,
    );
  return lines;
}
