import { join } from 'node:path';
import { execPath } from 'node:process';
import { compiledFile } from '../../runtime/paths.js';
import { LOOPBACK, startOnPorts } from '../../local/ports.js';
import type { FleetOptions } from '../feed/fleet.js';
import type { ProcessOptions } from '../feed/processOptions.js';
import { ProcessFailed } from '../../local/supervisedProcess.js';
import type { Supervisor } from '../../local/supervisor.js';

/** The feed is stopped after the worker, so that the worker's last polls still get answers. */
const STOP_ORDER = 50;

/**
 * Start the simulated feed as a child process on a free port, and wait until it responds.
 *
 * @returns base address of the feed, without a trailing slash
 * @throws ProcessFailed when the process ends or is not ready in time
 */
export function startFeedProcess(
  supervisor: Supervisor,
  fleet: FleetOptions & { feeds: string[] },
  home: string,
): Promise<string> {
  const start = async ({ feed: port }: { feed: number }) => {
    const url = `http://${LOOPBACK}:${port}`;
    const options: ProcessOptions = {
      port,
      fleet,
      logFile: join(home, 'logs', 'feed-requests.jsonl'),
      stopWithInput: false,
    };
    await supervisor.spawn({
      name: 'feed',
      command: execPath,
      args: ['--enable-source-maps', compiledFile('simulation/feed/process.js'), JSON.stringify(options)],
      isReady: async (_launch, signal) => (await fetch(`${url}/_faults`, { signal })).ok,
      stopOrder: STOP_ORDER,
    });
    return url;
  };
  return startOnPorts(
    { feed: { port: undefined, setting: 'no setting' } },
    start,
    (error) => error instanceof ProcessFailed,
  );
}
