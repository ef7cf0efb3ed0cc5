import type { Client } from '@temporalio/client';
import { bringPast } from '../../simulation/demo/past.js';
import { type DemoSize, makePlan, readPlan } from '../../simulation/demo/plan.js';
import { startFeedProcess } from '../../simulation/demo/feedProcess.js';
import { demoSettings } from '../../simulation/demo/settings.js';
import type { Day } from '../../domain/day.js';
import { createNotifier } from '../../local/notify.js';
import { HomeInUse } from '../../local/homeLock.js';
import { markSimulated } from '../../local/simulatedHome.js';
import { type Installation, openInstallation } from '../../app/installation.js';
import { openStore } from '../../stores/open.js';
import type { Store } from '../../stores/store.js';
import type { LoadDayResult } from '../../workflows/loadOnce.js';
import { QUEUES } from '../../temporal/names.js';
import type { Context } from '../context/context.js';
import { readCount } from '../console/count.js';
import { describeDemo, reportOnDemo } from '../running/demoReport.js';
import { waitForLoad } from '../running/loading.js';
import { runService, serviceConsole, startService } from '../running/service.js';

export interface DemoOptions {
  days: string;
  stations?: string;
  json?: boolean;
}

const MOST_DAYS = 365;
const MOST_STATIONS_A_FEED = 10_000;

/** Run the whole system on simulated feeds, with some past days already loaded, until Ctrl-C (`ladepuls demo`). */
export async function demo(callers: Context, options: DemoOptions): Promise<void> {
  const size = readSize(options);
  const context = demoContext(callers);
  await markSimulated(context.config.general.home);
  const raw = openStore(context.config.stores.raw);
  try {
    await runDemo(context, raw, size, options.json === true);
  } finally {
    await raw.close();
  }
}

async function runDemo(context: Context, raw: Store, size: DemoSize, json: boolean): Promise<void> {
  const print = (line: string) => process.stdout.write(`${line}\n`);
  const onMessage = serviceConsole(context, json ? context.progress : print);
  let installation: Installation;
  try {
    installation = await startService(context, onMessage, (installation) =>
      startSimulation(context, raw, size, installation),
    );
  } catch (error) {
    if (!(error instanceof HomeInUse)) throw error;
    await reportRunning(context, json, error);
    return;
  }
  try {
    await bringDays(context, raw, installation);
    await show(context, raw, installation, json);
  } catch (error) {
    await installation.close();
    throw context.signal.aborted ? context.signal.reason : error;
  }
  await runService(context, installation, onMessage, createNotifier({}, onMessage));
}

/** Derive the demo's context from the caller's, and report which of the caller's settings the demo ignores. */
function demoContext(context: Context): Context {
  const { env, config, ignored } = demoSettings(context.env);
  if (ignored.length > 0) {
    context.progress(
      `Not used by the demo, so that simulated data stay apart from real ones: ${ignored.join(', ')}.`,
    );
  }
  return { ...context, env, config };
}

/** Plan the simulation, and start the process that serves the simulated feed. The worker then polls that process. */
async function startSimulation(
  { config }: Context,
  raw: Store,
  size: DemoSize,
  { supervisor, env }: Installation,
): Promise<void> {
  if (supervisor === null) throw new Error('A demo runs on local components only.');
  const { fleet } = await makePlan(raw, size, config.general.timeZone, Date.now());
  env.LADEPULS_CHARGECLOUD_URL = await startFeedProcess(supervisor, fleet, config.general.home);
}

async function bringDays(context: Context, raw: Store, installation: Installation): Promise<void> {
  const { signal, progress } = context;
  const { addresses, databaseUrl = '' } = installation;
  const plan = await readPlan(raw);
  progress(`Bringing simulated days into the warehouse, from ${plan.firstDay} on.`);
  progress(`Temporal's Web UI shows how: ${addresses.temporalUiUrl ?? ''}`);
  const client = await installation.client();
  const past = bringPast(plan, {
    raw,
    databaseUrl,
    load: (day) => loadDay(context, client, day),
    signal,
    onMessage: progress,
    now: Date.now,
  });
  await past;
}

async function loadDay(context: Context, client: Client, day: Day): Promise<LoadDayResult> {
  const handle = await client.workflow.start('loadDay', {
    taskQueue: QUEUES.load,
    workflowId: `loadDay-${day}-${Date.now()}`,
    args: [{ day, reason: 'demo' }],
    staticSummary: `${day}, simulated`,
  });
  return waitForLoad(context, day, handle);
}

async function show(
  context: Context,
  raw: Store,
  installation: Installation,
  json: boolean,
  alreadyRunning = false,
): Promise<void> {
  const report = await reportOnDemo(context, raw, installation, alreadyRunning);
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : `${describeDemo(report)}\n`);
}

async function reportRunning(context: Context, json: boolean, { owner }: HomeInUse): Promise<void> {
  const needs = { temporal: true, postgres: true };
  const { progress: onProgress } = context;
  const installation = await openInstallation({ ...context, needs, mode: 'command', onProgress });
  const raw = openStore(context.config.stores.raw);
  try {
    onProgress(`It runs already, as process ${owner.pid}, since ${owner.since}.`);
    await show(context, raw, installation, json, true);
  } finally {
    await raw.close();
    await installation.close();
  }
}

function readSize({ days, stations }: DemoOptions): DemoSize {
  return {
    days: readCount('--days', days, MOST_DAYS),
    stationsPerFeed:
      stations === undefined ? undefined : readCount('--stations', stations, MOST_STATIONS_A_FEED),
  };
}
