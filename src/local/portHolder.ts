import { readdir, readFile, readlink } from 'node:fs/promises';

/** The state of a listening socket, in the column "st" of /proc/net/tcp. */
const LISTENS = '0A';

/**
 * Find the process that listens on a port of this machine. Linux only.
 *
 * @returns the pid; null if none is found, such as when the process belongs to another user
 */
export async function holderOf(port: number): Promise<number | null> {
  const sockets = new Set([
    ...(await listeningSockets('/proc/net/tcp', port)),
    ...(await listeningSockets('/proc/net/tcp6', port)),
  ]);
  if (sockets.size === 0) return null;
  const names = await readdir('/proc').catch(() => []);
  for (const pid of names.filter((name) => /^\d+$/.test(name)))
    if (await hasSocket(pid, sockets)) return Number(pid);
  return null;
}

/** List the sockets that listen on a port, as the links of file descriptors name them (`socket:[<inode>]`). */
async function listeningSockets(table: string, port: number): Promise<string[]> {
  const text = await readFile(table, 'utf8').catch(() => '');
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => state === LISTENS && local.endsWith(`:${wanted}`))
    .flatMap((fields) => (fields[9] === undefined ? [] : [`socket:[${fields[9]}]`]));
}

async function hasSocket(pid: string, sockets: ReadonlySet<string>): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  const descriptors = await readdir(folder).catch(() => []);
  for (const descriptor of descriptors) {
    const target = await readlink(`${folder}/${descriptor}`).catch(() => '');
    if (sockets.has(target)) return true;
  }
  return false;
}
