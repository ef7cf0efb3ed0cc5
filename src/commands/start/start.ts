import { setTimeout as sleep } from 'node:timers/promises';
import { HomeInUse } from '../../local/homeLock.js';
import { createNotifier, type Notifier } from '../../local/notify.js';
import { isSimulated } from '../../local/simulatedHome.js';
import { retryUntilDone } from '../../local/pauses.js';
import { WrongSetting } from '../../local/wrongSetting.js';
import { type Installation, openInstallation } from '../../app/installation.js';
import type { Context } from '../context/context.js';
import { extendStart, runService, serviceConsole, startService } from '../running/service.js';
import { describeService, reportOnService, type ServiceReport } from '../running/report.js';

/** Time to wait for the first report. When it is over, the service continues, and the report is printed later. */
const REPORT_PATIENCE_MS = 10_000;

/** Run the whole system on this machine until Ctrl-C (`ladepuls start`). */
export async function start(context: Context, options: { json?: boolean }): Promise<void> {
  const { config } = context;
  if (isSimulated(config.general.home)) {
    throw new WrongSetting(
      `${config.general.home} holds simulated data ("ladepuls demo" made it), which real ones must not be mixed with: ` +
        'set LADEPULS_HOME to another folder.',
    );
  }
  const print = (line: string) => process.stdout.write(`${line}\n`);
  const onMessage = serviceConsole(context, options.json ? context.progress : print);
  const notifier = createNotifier(context.env, onMessage);
  while ((await startOnce(context, options, onMessage, notifier)) === 'restart');
}

async function startOnce(
  context: Context,
  options: { json?: boolean },
  onMessage: (line: string) => void,
  notifier: Notifier,
): Promise<'stopped' | 'restart'> {
  let installation: Installation;
  try {
    installation = await extendStart(notifier, () => startService(context, onMessage));
  } catch (error) {
    if (!(error instanceof HomeInUse)) throw error;
    await reportRunning(context, options, error);
    return 'stopped';
  }
  const over = new AbortController();
  const reporting = reportInTheEnd(context, options, installation, {
    onMessage,
    signal: AbortSignal.any([context.signal, over.signal]),
  });
  try {
    await Promise.race([
      reporting,
      sleep(REPORT_PATIENCE_MS, undefined, { signal: context.signal, ref: false }),
    ]);
  } catch {
    // A signal came. runService() handles it.
  }
  try {
    return await runService(context, installation, onMessage, notifier);
  } finally {
    over.abort();
  }
}

/** Print which components run and their addresses. Retry in the background while Temporal or the raw store is down. */
async function reportInTheEnd(
  context: Context,
  options: { json?: boolean },
  installation: Installation,
  attempts: { onMessage: (line: string) => void; signal: AbortSignal },
): Promise<void> {
  const report = () => reportOnService(context, installation, false);
  try {
    show(context, options, await retryUntilDone('The addresses of what runs', report, attempts));
  } catch {
    // Only a stop ends the retries.
  }
}

async function reportRunning(context: Context, options: { json?: boolean }, inUse: HomeInUse): Promise<void> {
  const { config, env, signal, hurry, progress } = context;
  const installation = await openInstallation({
    config,
    env,
    needs: { temporal: true, postgres: true },
    mode: 'command',
    signal,
    hurry,
    onProgress: progress,
  });
  try {
    progress(`It runs already, as process ${inUse.owner.pid}, since ${inUse.owner.since}.`);
    show(context, options, await reportOnService(context, installation, true));
  } finally {
    await installation.close();
  }
}

function show({ config }: Context, options: { json?: boolean }, report: ServiceReport): void {
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : `${describeService(report, config)}\n`);
}
