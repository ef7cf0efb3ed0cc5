import { rmdir } from 'node:fs/promises';
import { describeBytes } from '../../domain/byteSize.js';
import { HomeInUse, readOwner } from '../../local/homeLock.js';
import { resetHome } from '../../local/reset.js';
import { isSimulated } from '../../local/simulatedHome.js';
import { confirm } from '../console/confirm.js';
import { CommandFailed, type Context } from '../context/context.js';
import { withInstallation } from '../context/withInstallation.js';
import { syncNow, migrateWarehouse } from '../context/syncDecisions.js';
import { ProgressLine } from '../console/progressLine.js';
import { describePlan, planReset, type ResetPlan } from './plan.js';

export interface ResetOptions {
  /** Whether to remove the home directory's raw store too, and everything else that can't be made again. */
  raw?: boolean;
  yes?: boolean;
  json?: boolean;
}

const SHOW_EVERY_MS = 1_000;

/**
 * Remove everything of the local installation that can be made again, and keep the raw store (`ladepuls reset`).
 * On a terminal, the command asks first; without a terminal, it requires `--yes`. Stores outside the home directory
 * always stay.
 *
 * @throws HomeInUse when a service owns the home directory
 */
export async function reset(context: Context, options: ResetOptions): Promise<void> {
  const { config, signal, progress } = context;
  const { home } = config.general;
  const owner = readOwner(home);
  if (owner?.mode === 'service' && owner.addresses) {
    throw new HomeInUse(home, { ...owner, addresses: owner.addresses });
  }
  const plan = await watched(`Examining ${home} …`, () =>
    planReset(config, { raw: options.raw === true, signal }),
  );
  const isEmpty = plan.removed.length === 0 && plan.cluster === null;
  if (!isEmpty) await agree(context, plan, options);
  const fate = plan.cluster === null || options.raw ? 'remove' : await copyEdits(context, plan);
  const aside = await watched(`Removing the data in ${home} …`, () =>
    resetHome(home, progress, signal, { others: plan.others, cluster: fate }),
  );
  await rmdir(home).catch(() => undefined); // it may still have kept files, or files of others
  process.stdout.write(options.json ? describeAsJson(plan, aside) : describeDone(plan, aside, isEmpty));
}

/**
 * Print what will be done, and ask for consent unless `--yes` is given.
 *
 * @throws CommandFailed when there is no consent
 */
async function agree(context: Context, plan: ResetPlan, { yes }: ResetOptions): Promise<void> {
  const text = describePlan(plan);
  if (yes) {
    context.progress(text);
    return;
  }
  const answer = await confirm(`${text}\nGo on?`, context.signal);
  if (answer === 'yes') return;
  throw new CommandFailed(
    answer === 'no'
      ? 'Nothing was changed.'
      : `${text}\nNothing was changed: the command can't ask without a terminal. To reset without a question, add --yes.`,
  );
}

/**
 * Copy edits in schema `config` to the raw store, from the cluster that is about to be removed. When that fails, the
 * cluster is set aside instead of being removed.
 */
async function copyEdits(context: Context, { cluster }: ResetPlan): Promise<'remove' | 'set aside'> {
  if (cluster === null) return 'remove';
  if (cluster.problem !== null) return 'set aside';
  const { warehouse } = context.config;
  const localContext = {
    ...context,
    config: { ...context.config, warehouse: { ...warehouse, url: undefined } },
  };
  try {
    await withInstallation(localContext, { postgres: true }, async ({ databaseUrl = '' }) => {
      await migrateWarehouse(localContext, databaseUrl);
      await syncNow(localContext, databaseUrl);
    });
    return 'remove';
  } catch (error) {
    if (context.signal.aborted) throw error;
    context.progress(
      `The tables of schema config can't be copied to the raw store: ${(error as Error).message}\n` +
        `Postgres' cluster is set aside instead of being removed.`,
    );
    return 'set aside';
  }
}

async function watched<T>(line: string, work: () => Promise<T>): Promise<T> {
  const progress = new ProgressLine();
  const timer = setInterval(() => progress.show(() => line), SHOW_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    progress.clear();
  }
}

function describeDone(
  { removed, kept, home, cluster }: ResetPlan,
  aside: string | null,
  isEmpty: boolean,
): string {
  const gone = removed.filter(({ path }) => aside === null || path !== cluster?.path);
  const freed = gone.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  const lines = isEmpty ? [`There was nothing to remove in ${home}.`] : [`Removed: ${describeBytes(freed)}.`];
  if (aside !== null) lines.push(`Set aside: ${aside}`);
  if (kept.length > 0) lines.push(`Kept: ${kept.map(({ path }) => path).join(', ')}`);
  if (!isEmpty && kept.some(({ what }) => what === 'raw'))
    lines.push(
      isSimulated(home)
        ? 'To get a warehouse again: "ladepuls demo".'
        : 'To get a warehouse again: "ladepuls start" and, beside it, "ladepuls rebuild".',
    );
  return `${lines.join('\n')}\n`;
}

function describeAsJson({ removed, kept, cluster }: ResetPlan, aside: string | null): string {
  const shown = removed.filter(({ path }) => aside === null || path !== cluster?.path);
  const listed = shown.map(({ path, bytes }) => ({ path, bytes }));
  return `${JSON.stringify({ removed: listed, setAside: aside, kept: kept.map(({ path, bytes }) => ({ path, bytes })) })}\n`;
}
