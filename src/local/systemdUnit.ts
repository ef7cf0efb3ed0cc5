import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** A systemd unit that runs a process. */
export interface SystemdUnit {
  /** Name of the unit, such as `ladepuls.service`. */
  name: string;
  /** Whether it is a unit of a user's own systemd, which `systemctl --user` controls. */
  isUser: boolean;
}

const ASK_TIMEOUT_MS = 5_000;

/** Find the unit whose main process has this pid; null if no unit runs it, or systemd is absent. */
export async function unitOf(pid: number): Promise<SystemdUnit | null> {
  const cgroups = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '');
  const unit = unitInCgroups(cgroups);
  if (unit === null || unit.name.startsWith('ladepuls')) return unit;
  // Processes that a unit such as cron or sshd started are in its cgroup too, but are not its main process.
  return (await mainPid(unit)) === pid ? unit : null;
}

/** Find a process' unit in the text of `/proc/<pid>/cgroup`; null if the process belongs to a session or to no unit. */
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
    return null; // systemctl is absent, or systemd does not respond
  }
}
