import type { RunCommand } from './runCommand.js';
import { ensureSystemUser, type SystemUser } from './systemUser.js';

export type { SystemUser };

/** Whom Postgres runs as where this process is root. */
export const POSTGRES_USER = 'postgres';

/**
 * The user that Postgres runs as: null for the one who runs this process; for root, whom Postgres refuses, the system
 * user `postgres`, which is made where it is absent.
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
