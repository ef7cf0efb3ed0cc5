import { join } from 'node:path';
import { definedOnly } from './guardedCommand.js';
import type { Launch, SupervisedSpec } from './supervisedProcess.js';

/** A further process of the system: the worker, the simulated feed. */
export interface ChildSpec {
  /** Names its log, `<home>/logs/<name>.log`; unique. */
  name: string;
  command: string;
  args: string[];
  /** Beyond the supervisor's own. */
  env?: Record<string, string>;
  /** Whether it can do its work now. Absent: as soon as it runs. */
  isReady?: (launch: Launch, signal: AbortSignal) => Promise<boolean>;
  /** Whether a process that was ready still does its work. Absent: as long as it runs. */
  isAlive?: (launch: Launch, signal: AbortSignal) => Promise<boolean>;
  /** Default: 60 s. */
  readyTimeoutMs?: number;
  /** From SIGTERM to SIGKILL. Default: 30 s. */
  stopGraceMs?: number;
  /** Lower ones are stopped first, all of them before Temporal and Postgres. Default: 0. Below 100. */
  stopOrder?: number;
}

const READY_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 30_000;
/** What has to be run for a child of a home, its defaults filled in. */
export function childProcess(
  child: ChildSpec,
  { home, env, maxRestarts }: { home: string; env: NodeJS.ProcessEnv; maxRestarts: number },
): SupervisedSpec {
  const { name, command, args, isReady, isAlive } = child;
  return {
    name,
    command,
    args,
    cwd: process.cwd(),
    env: { ...definedOnly(env), ...child.env },
    logFile: join(home, 'logs', `${name}.log`),
    stopSteps: [{ signal: 'SIGTERM', graceMs: child.stopGraceMs ?? STOP_GRACE_MS }],
    stopOrder: child.stopOrder ?? 0,
    isReady: isReady ?? (() => Promise.resolve(true)),
    readyTimeoutMs: child.readyTimeoutMs ?? READY_TIMEOUT_MS,
    ...(isAlive && { isAlive }),
    maxRestarts,
  };
}
