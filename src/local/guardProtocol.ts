import type { StopStep } from './stopProcess.js';

/** A process to start, as the guard needs it. */
export interface ProcessSpec {
  /** Unique among the running processes of a home. */
  name: string;
  command: string;
  args: string[];
  cwd: string;
  /** The whole environment: nothing is inherited. */
  env: Record<string, string>;
  /** User and group to run as; only root may name them. */
  user?: { uid: number; gid: number };
  /** Standard output and error are appended here. */
  logFile: string;
  /** How it is asked to end, step by step; SIGKILL comes last by itself. */
  stopSteps: StopStep[];
  /** Lower ones are stopped first; equal ones together. */
  stopOrder: number;
}

/** How a process ended. */
export interface ProcessExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** What the supervisor asks of its guard. */
export type GuardRequest =
  | { type: 'spawn'; spec: ProcessSpec }
  | { type: 'stop'; name: string }
  /** End a process by SIGKILL, with its whole process group. */
  | { type: 'kill'; name: string }
  /** Answer with `pong`. */
  | { type: 'ping' }
  /** Stop everything in order, then end. Losing the connection means the same. */
  | { type: 'shutdown' }
  /** Shorten all graces from now on. */
  | { type: 'hurry' };

/** What the guard reports. */
export type GuardReport =
  | { type: 'ready' }
  | { type: 'pong' }
  | { type: 'spawned'; name: string; pid: number }
  | { type: 'notSpawned'; name: string; reason: string }
  | { type: 'exited'; name: string; pid: number; exit: ProcessExit };
