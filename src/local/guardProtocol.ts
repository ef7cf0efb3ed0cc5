import type { StopStep } from './stopProcess.js';

/** A process that the guard is to start. */
export interface ProcessSpec {
  /** Unique among the running processes of a home. */
  name: string;
  command: string;
  args: string[];
  cwd: string;
  /** The complete environment. The process inherits no variables. */
  env: Record<string, string>;
  /** User and group to run as. Only root may set them. */
  user?: { uid: number; gid: number };
  /** File to which standard output and standard error are appended. */
  logFile: string;
  /** The signals that ask the process to end, in order. SIGKILL follows automatically. */
  stopSteps: StopStep[];
  /** Processes with a lower number are stopped first; processes with the same number are stopped together. */
  stopOrder: number;
}

/** How a process ended. */
export interface ProcessExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A message from the supervisor to its guard. */
export type GuardRequest =
  | { type: 'spawn'; spec: ProcessSpec }
  | { type: 'stop'; name: string }
  /** End a process and its whole process group by SIGKILL. */
  | { type: 'kill'; name: string }
  /** Reply with `pong`. */
  | { type: 'ping' }
  /** Stop everything in order, then exit. A lost connection has the same effect. */
  | { type: 'shutdown' }
  /** Shorten the time that processes get to stop, from now on. */
  | { type: 'hurry' };

/** A message from the guard to its supervisor. */
export type GuardReport =
  | { type: 'ready' }
  | { type: 'pong' }
  | { type: 'spawned'; name: string; pid: number }
  | { type: 'notSpawned'; name: string; reason: string }
  | { type: 'exited'; name: string; pid: number; exit: ProcessExit };
