import type { RunCommand } from './runCommand.js';

/** A user of the system, by number. */
export interface SystemUser {
  uid: number;
  gid: number;
}

const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
const OPTIONS = { env: { PATH: SYSTEM_PATH }, cwd: '/' };

/** The commands that make a user: of most Linux systems, and of Alpine. */
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

/** The system user of a name, who is made where there is none; null where that fails. Only root may make one. */
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

/** The user of a name; null where there is none. */
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
