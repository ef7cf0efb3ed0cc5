import { join } from 'node:path';
import { definedOnly } from './guardedCommand.js';
import type { Launch, SupervisedSpec } from './supervisedProcess.js';

/** A further process of the home, such as the worker or the simulated feed. */
export interface ChildSpec {
  /** Unique name. The log is `<home>/logs/<name>.log`. */
  name: string;
  command: string;
  args: string[];
  /** Variables in addition to the supervisor's environment. */
  env?: Record<string, string>;
  /** Whether the process can do its work now. Default: true as soon as the process runs. */
  isReady?: (launch: Launch, signal: AbortSignal) => Promise<boolean>;
  /** Whether a process that was ready still does its work. Default: true as long as the process runs. */
  isAlive?: (launch: Launch, signal: AbortSignal) => Promise<boolean>;
  /** Milliseconds until the process must be ready. Default: 60 s. */
  readyTimeoutMs?: number;
  /** Milliseconds from SIGTERM to SIGKILL. Default: 30 s. */
  stopGraceMs?: number;
  /**
   * Processes with a lower number are stopped first. Below 100, so that all children are stopped before Temporal and
   * Postgres. Default: 0.
   */
  stopOrder?: number;
}

const READY_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 30_000;
/** Complete the specification of a child with the defaults. */
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
