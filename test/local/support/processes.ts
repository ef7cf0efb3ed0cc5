import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export interface SeenProcess {
  pid: number;
  command: string;
}

/** The processes that have to do with a home: it or its Postgres cluster stands on their command line, or they work in it. */
export function processesOf(home: string): SeenProcess[] {
  const places = [home, clusterFolder(home) ?? home];
  const concerns = (text: string) => places.some((place) => text.includes(place));
  return all().filter(({ pid, command, cwd }) => pid !== process.pid && (concerns(command) || concerns(cwd)));
}

/** The folder that a home's Postgres cluster stands in, once that is decided. */
export function clusterFolder(home: string): string | null {
  const path = join(home, 'postgres.json');
  if (!existsSync(path)) return null;
  const { cluster } = JSON.parse(readFileSync(path, 'utf8')) as { cluster: string };
  return dirname(resolve(home, cluster));
}

/** Whether a process of that number runs; zombies don't. */
export function runs(pid: number): boolean {
  return all().some((seen) => seen.pid === pid);
}

function all(): (SeenProcess & { cwd: string })[] {
  if (process.platform !== 'linux') return allByPs();
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // A zombie's command line is empty, and so is that of the kernel's own threads.
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return command === '' ? [] : [{ pid: Number(name), command, cwd: readlinkSync(`/proc/${name}/cwd`) }];
      } catch {
        return []; // ended meanwhile, or another user's
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
