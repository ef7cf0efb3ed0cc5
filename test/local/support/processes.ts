import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export interface SeenProcess {
  pid: number;
  command: string;
}

/**
 * The processes of a home: those whose command line or working directory contains the path of the home or of its
 * Postgres cluster.
 */
export function processesOf(home: string): SeenProcess[] {
  const places = [home, clusterFolder(home) ?? home];
  const concerns = (text: string) => places.some((place) => text.includes(place));
  return all().filter(({ pid, command, cwd }) => pid !== process.pid && (concerns(command) || concerns(cwd)));
}

/** The folder that contains a home's Postgres cluster; null if it is not decided yet. */
export function clusterFolder(home: string): string | null {
  const path = join(home, 'postgres.json');
  if (!existsSync(path)) return null;
  const { cluster } = JSON.parse(readFileSync(path, 'utf8')) as { cluster: string };
  return dirname(resolve(home, cluster));
}

/** Whether a process with this pid runs. Zombies don't count. */
export function runs(pid: number): boolean {
  return all().some((seen) => seen.pid === pid);
}

function all(): (SeenProcess & { cwd: string })[] {
  if (process.platform !== 'linux') return allByPs();
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // The command lines of zombies and of the kernel's threads are empty.
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return command === '' ? [] : [{ pid: Number(name), command, cwd: readlinkSync(`/proc/${name}/cwd`) }];
      } catch {
        return []; // the process has ended, or belongs to another user
      }
    });
}

function allByPs(): (SeenProcess & { cwd: string })[] {
  const lines = execFileSync('ps', ['-axo', 'pid=,command='], { encoding: 'utf8' }).trim().split('\n');
  return lines.map((line) => {
    const [pid = '', ...command] = line.trim().split(/\s+/);
    return { pid: Number(pid), command: command.join(' '), cwd: '' };
  });
}
