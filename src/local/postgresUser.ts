import type { RunCommand } from './runCommand.js';
import { ensureSystemUser, type SystemUser } from './systemUser.js';

export type { SystemUser };

/** System user that runs Postgres when this process is root. */
export const POSTGRES_USER = 'postgres';

/**
 * Return the user that Postgres runs as. null means the user who runs this process. For root it is the system user
 * `postgres`, which is created if absent, because Postgres refuses to run as root.
 *
 * @throws Error when the system user can't be created
 */
export async function postgresUser(run: RunCommand): Promise<SystemUser | null> {
  if (process.getuid?.() !== 0) return null;
  const user = await ensureSystemUser(POSTGRES_USER, run);
  if (user) return user;
  throw new Error(
    `Postgres can't run as root, and a system user "${POSTGRES_USER}" could not be made. Make one with "useradd --system ${POSTGRES_USER}", ` +
      'or run ladepuls as an ordinary user.',
  );
}
