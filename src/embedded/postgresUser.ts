import type { RunCommand } from './runCommand.js';

export interface SystemUser {
  uid: number;
  gid: number;
}

const NAME = 'postgres';
const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
/** The commands that make a user: of most Linux systems, and of Alpine. */
const CREATE = [
  [
    ['groupadd', '--system', NAME],
    ['useradd', '--system', '--gid', NAME, '--no-create-home', NAME],
  ],
  [
    ['addgroup', '-S', NAME],
    ['adduser', '-S', '-D', '-H', '-G', NAME, NAME],
  ],
];

/**
 * The user that Postgres runs as: null for the one who runs this process; for root, whom Postgres refuses, the system
 * user `postgres`, which is made where it is absent.
 */
export async function postgresUser(run: RunCommand): Promise<SystemUser | null> {
  if (process.getuid?.() !== 0) return null;
  const existing = await lookUp(run);
  if (existing) return existing;
  for (const commands of CREATE) {
    for (const [command, ...args] of commands)
      await run(command ?? '', args, { env: { PATH: SYSTEM_PATH }, cwd: '/' });
    const created = await lookUp(run);
    if (created) return created;
  }
  throw new Error(
    `Postgres can't run as root, and a system user "${NAME}" could not be made. Make one with "useradd --system ${NAME}", ` +
      'or run ladepuls as an ordinary user.',
  );
}

async function lookUp(run: RunCommand): Promise<SystemUser | null> {
  const ids: number[] = [];
  for (const option of ['-u', '-g']) {
    const { ok, output } = await run('id', [option, NAME], { env: { PATH: SYSTEM_PATH }, cwd: '/' });
    if (!ok) return null;
    ids.push(Number.parseInt(output, 10));
  }
  const [uid, gid] = ids;
  return uid === undefined || gid === undefined ? null : { uid, gid };
}
