import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/**
 * Identifies one process. The start time distinguishes it from a later process with the same pid, because systems reuse
 * pids.
 */
export interface ProcessIdentity {
  pid: number;
  /** When the process started, in the format of the operating system. Only for comparison. */
  startTime: string;
}

const HAS_PROC = existsSync('/proc/self/stat');

/**
 * Return the identity of this process.
 *
 * @throws Error when the start time can't be read
 */
export function ownIdentity(): ProcessIdentity {
  const startTime = startTimeOf(process.pid);
  if (startTime === null)
    throw new Error(`The start time of this process (pid ${process.pid}) can't be read.`);
  return { pid: process.pid, startTime };
}

/**
 * Whether the process still runs. A zombie, which has ended and waits for its parent to read its exit code, does not.
 */
export function isRunning(identity: ProcessIdentity): boolean {
  return startTimeOf(identity.pid) === identity.startTime;
}

/** When the process with this pid started; null if none runs. */
export function startTimeOf(pid: number): string | null {
  return HAS_PROC ? startTimeFromProc(pid) : startTimeFromPs(pid);
}

/** The command line of a running process, with its arguments joined by spaces; null if none runs. */
export function commandLineOf(pid: number): string | null {
  if (!HAS_PROC) return ps(pid, 'command=');
  const text = readProc(`/proc/${pid}/cmdline`);
  return text === null || text === '' ? null : text.replaceAll('\0', ' ').trim();
}

/** The pid of a running process' parent; null if none runs. */
export function parentOf(pid: number): number | null {
  const parent = HAS_PROC ? statFields(pid)?.[1] : ps(pid, 'ppid=');
  return parent === undefined || parent === null ? null : Number.parseInt(parent, 10);
}

/**
 * List the children of a process, their children, and so on, also those that lead sessions of their own. Empty on
 * systems without /proc.
 */
export function descendantsOf(pid: number): ProcessIdentity[] {
  const children = new Map<number, number[]>();
  for (const each of HAS_PROC ? runningPids() : []) {
    const parent = parentOf(each);
    if (parent !== null) children.set(parent, [...(children.get(parent) ?? []), each]);
  }
  const found: ProcessIdentity[] = [];
  const left = [...(children.get(pid) ?? [])];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const startTime = startTimeOf(next);
    if (startTime !== null) found.push({ pid: next, startTime });
    left.push(...(children.get(next) ?? []));
  }
  return found;
}

function runningPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The fields of /proc/<pid>/stat, from the third: state, parent and so on. See proc(5). */
function statFields(pid: number): string[] | null {
  const stat = readProc(`/proc/${pid}/stat`);
  // The second field, the program's name, may contain spaces and brackets. The format is regular after the last
  // bracket.
  return stat === null ? null : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function startTimeFromProc(pid: number): string | null {
  const fields = statFields(pid);
  if (fields === null) return null;
  const state = fields[0];
  const startedTicks = fields[19];
  if (startedTicks === undefined || state === 'Z' || state === 'X') return null;
  // Ticks are counted from the boot. Without the boot's id, a process of an earlier boot could look like a running one.
  return `${bootId()}:${startedTicks}`;
}

let cachedBootId: string | undefined;

function bootId(): string {
  return (cachedBootId ??= readProc('/proc/sys/kernel/random/boot_id')?.trim() ?? 'boot');
}

function startTimeFromPs(pid: number): string | null {
  const line = ps(pid, 'state=,lstart=');
  return line === null || line.startsWith('Z') ? null : line.replace(/^\S+\s+/, '');
}

function ps(pid: number, columns: string): string | null {
  try {
    const env = { LC_ALL: 'C', PATH: '/bin:/usr/bin' };
    const output = execFileSync('ps', ['-o', columns, '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env,
    });
    return output.trim() || null;
  } catch {
    return null; // ps exits with 1 if no such process runs
  }
}

function readProc(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null; // the process has ended
  }
}
