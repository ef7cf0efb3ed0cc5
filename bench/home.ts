import { rm } from 'node:fs/promises';
import { resetHome } from '../src/local/reset.js';

/** Removes a bench's home, and Postgres' cluster, which stands elsewhere where root runs it. */
export async function removeHome(home: string): Promise<void> {
  await resetHome(home, () => undefined, AbortSignal.timeout(60_000));
  await rm(home, { recursive: true, force: true });
}
