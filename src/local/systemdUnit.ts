import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** A unit of systemd that runs a process. */
export interface SystemdUnit {
  /** Such as `ladepuls.service`. */
  name: string;
  /** Of a user's own systemd, which `systemctl --user` speaks to. */
  isUser: boolean;
}

const ASK_TIMEOUT_MS = 5_000;

/** The unit whose main process that is; null where no unit runs it, or there is no systemd. */
export async function unitOf(pid: number): Promise<SystemdUnit | null> {
  const cgroups = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '');
  const unit = unitInCgroups(cgroups);
  if (unit === null || unit.name.startsWith('ladepuls')) return unit;
  // What a unit such as cron or sshd started is in its cgroup too, but is not what it runs.
  return (await mainPid(unit)) === pid ? unit : null;
}

/** The unit that a process belongs to by `/proc/<pid>/cgroup`; null where it is a session's, or nobody's. */
export function unitInCgroups(cgroups: string): SystemdUnit | null {
  for (const line of cgroups.split('\n')) {
    const [, controllers, path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers !== '' && controllers !== 'name=systemd') continue;
    const segments = path.split('/');
    const name = segments.at(-1) ?? '';
    if (!name.endsWith('.service') || name.startsWith('user@')) continue;
    return { name, isUser: segments.some((segment) => segment.startsWith('user@')) };
  }
  return null;
}

async function mainPid({ name, isUser }: SystemdUnit): Promise<number | null> {
  const args = [...(isUser ? ['--user'] : []), 'show', '--property=MainPID', '--value', name];
  try {
    const { stdout } = await promisify(execFile)('systemctl', args, { timeout: ASK_TIMEOUT_MS });
    return Number.parseInt(stdout, 10);
  } catch {
    return null; // no systemctl, or nobody answers
  }
}
