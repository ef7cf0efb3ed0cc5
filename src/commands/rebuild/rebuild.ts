import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, WorkflowExecutionAlreadyStartedError, type WorkflowHandle } from '@temporalio/client';
import { namesTemporal, describeFailure } from '../../temporal/client.js';
import { ensureSearchAttributes } from '../../temporal/searchAttributes.js';
import { QUEUES, REBUILD } from '../../temporal/names.js';
import type { RebuildProgress, RebuildResult } from '../../workflows/rebuildWarehouse.js';
import { CommandFailed, type Context } from '../context/context.js';
import { withInstallation } from '../context/withInstallation.js';
import { describeDays } from '../context/days.js';
import { describeDuration } from '../../domain/duration.js';
import { ProgressLine } from '../console/progressLine.js';

const LOOK_EVERY_MS = 1_000;

export interface RebuildOptions {
  /** Whether the facts of archived days are loaded too, and then stay in the warehouse. */
  restore?: boolean;
  json?: boolean;
}

/**
 * Rebuild the warehouse: fill new tables from the raw store, then replace the published tables (`ladepuls rebuild`).
 */
export async function rebuild(context: Context, options: RebuildOptions): Promise<void> {
  const { env, signal } = context;
  const result = await withInstallation(
    context,
    { temporal: true, postgres: true, worker: true },
    async (installation) => {
      const client = await installation.client();
      if (namesTemporal(env)) await ensureSearchAttributes(env, signal);
      return follow(await begin(context, client, options), signal);
    },
  );
  process.stdout.write(`${options.json ? JSON.stringify(result) : describeRebuild(result)}\n`);
}

/**
 * Describe the result of a rebuild for people.
 *
 * @example 'The warehouse was rebuilt from the raw store: 3 days.'
 */
export function describeRebuild({
  days,
  broughtOver,
  notRecreated,
  notRecreatedTotal,
}: RebuildResult): string {
  const lines = [`The warehouse was rebuilt from the raw store: ${days} ${days === 1 ? 'day' : 'days'}.`];
  if (broughtOver.length > 0)
    lines.push(
      `Days that were copied from the replaced warehouse, because the raw store lacks answers of them: ${describeDays(broughtOver)}.`,
    );
  if (notRecreatedTotal === 0) return lines.join('\n');
  const more = notRecreatedTotal - notRecreated.length;
  lines.push(
    'Objects of other people that could not be created again:',
    ...notRecreated.map(({ kind, name, reason }) => `  ${kind} ${name}: ${reason}`),
    ...(more > 0 ? [`  … and ${more} more`] : []),
    'Read their statements with: select name, definition from ops.not_recreated order by exchanged_at, number',
  );
  return lines.join('\n');
}

/** Start the rebuild workflow. If one already runs, such as after an earlier Ctrl-C, return that one. */
async function begin(
  { progress }: Context,
  client: Client,
  { restore = false }: RebuildOptions,
): Promise<WorkflowHandle> {
  try {
    return await client.workflow.start('rebuildWarehouse', {
      taskQueue: QUEUES.load,
      workflowId: REBUILD.workflowId,
      args: [{ restore }],
      staticSummary: 'the warehouse, from the raw store',
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    progress('A rebuild already runs. This command shows its progress.');
    return client.workflow.getHandle(REBUILD.workflowId);
  }
}

async function follow(handle: WorkflowHandle, signal: AbortSignal): Promise<RebuildResult> {
  const line = new ProgressLine();
  const startedMs = performance.now();
  const ended = new AbortController();
  const showing = show(handle, line, startedMs, AbortSignal.any([signal, ended.signal]));
  try {
    return (await handle.result()) as RebuildResult;
  } catch (error) {
    throw new CommandFailed(`The rebuild failed. The warehouse did not change. ${describeFailure(error)}`);
  } finally {
    ended.abort();
    await showing;
    line.clear();
  }
}

async function show(
  handle: WorkflowHandle,
  line: ProgressLine,
  startedMs: number,
  signal: AbortSignal,
): Promise<void> {
  let begunAt: number | null = null;
  while (!signal.aborted) {
    const progress = await handle.query<RebuildProgress>(REBUILD.progressQuery).catch(() => null);
    if (progress) {
      begunAt ??= progress.done;
      const doneHere = progress.done - begunAt;
      line.show(() => describeProgress(progress, doneHere, performance.now() - startedMs));
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

/**
 * Describe the progress of a rebuild for people.
 *
 * @param doneHere days that were done while this command watched
 * @example 'Rebuilding: 12 of 365 days, about 20 min left'
 */
function describeProgress({ done, total }: RebuildProgress, doneHere: number, elapsedMs: number): string {
  if (total === 0) return 'Rebuilding: listing the days in the raw store …';
  const counted = `Rebuilding: ${done} of ${total} days`;
  if (doneHere === 0 || done >= total) return counted;
  return `${counted}, about ${describeDuration((elapsedMs / doneHere) * (total - done))} left`;
}
