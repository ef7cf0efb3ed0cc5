/**
 * Entry point of the child process that reads an installation's status. It sends the status to its parent process, as
 * a {@link StatusReport}. When a disk never responds, only this process blocks, and it can be killed.
 *
 * Started by {@link file://./status.ts} as `node process.js [time limit of a source in ms]`.
 */
import { StatusReader } from './reader.js';
import { briefStatus, describeStatus } from './text.js';
import { readConfig } from '../../settings/config.js';
import type { StatusReport } from './statusReport.js';

async function look(): Promise<StatusReport> {
  const config = readConfig(process.env);
  const timeoutMs = process.argv[2] === undefined ? {} : { timeoutMs: Number(process.argv[2]) };
  const reader = new StatusReader({ config, env: process.env }, { ...timeoutMs, withRawState: true });
  const status = await reader.read();
  return {
    status,
    text: describeStatus(status, config.general.timeZone),
    brief: briefStatus(status, config.general.timeZone),
  };
}

process.on('disconnect', () => process.exit());
look().then(
  (report) => process.send?.(report),
  (error: unknown) => process.send?.({ failed: error instanceof Error ? error.message : String(error) }),
);
