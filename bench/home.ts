import { rm } from 'node:fs/promises';
import { resetHome } from '../src/local/reset.js';

/** Remove a bench's home directory and Postgres' cluster, which is outside that directory when root runs the bench. */
export async function removeHome(home: string): Promise<void> {
  await resetHome(home, () => undefined, AbortSignal.timeout(60_000));
  await rm(home, { recursive: true, force: true });
}
