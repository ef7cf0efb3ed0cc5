import type { RunCommand } from './runCommand.js';

/** A system user, by its numeric ids. */
export interface SystemUser {
  uid: number;
  gid: number;
}

const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
const OPTIONS = { env: { PATH: SYSTEM_PATH }, cwd: '/' };

/** Commands that create a user: first those of most Linux systems, then those of Alpine. */
const create = (name: string) => [
  [
    ['groupadd', '--system', name],
    ['useradd', '--system', '--gid', name, '--no-create-home', name],
  ],
  [
    ['addgroup', '-S', name],
    ['adduser', '-S', '-D', '-H', '-G', name, name],
  ],
];

/**
 * Look up a system user by name, and create it if absent. Only root may create one.
 *
 * @returns null if the user can't be created
 */
export async function ensureSystemUser(name: string, run: RunCommand): Promise<SystemUser | null> {
  const existing = await lookUpUser(name, run);
  if (existing) return existing;
  for (const commands of create(name)) {
    for (const [command, ...args] of commands) await run(command ?? '', args, OPTIONS);
    const created = await lookUpUser(name, run);
    if (created) return created;
  }
  return null;
}

/** Look up a user by name; null if absent. */
export async function lookUpUser(name: string, run: RunCommand): Promise<SystemUser | null> {
  const ids: number[] = [];
  for (const option of ['-u', '-g']) {
    const { ok, output } = await run('id', [option, name], OPTIONS);
    if (!ok) return null;
    ids.push(Number.parseInt(output, 10));
  }
  const [uid, gid] = ids;
  return uid === undefined || gid === undefined ? null : { uid, gid };
}
