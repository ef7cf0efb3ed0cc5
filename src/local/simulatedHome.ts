import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WrongSetting } from './wrongSetting.js';

/** File that marks a home as simulated. */
export const SIMULATED_MARK = 'simulated';

/** Whether a home is marked as simulated. Nothing real may be added to such a home. */
export function isSimulated(home: string): boolean {
  return existsSync(join(home, SIMULATED_MARK));
}

/**
 * Create a home and mark it as simulated, before any other file is written.
 *
 * @throws WrongSetting when the home has data but no mark, because the data may be real
 */
export async function markSimulated(home: string): Promise<void> {
  if (isSimulated(home)) return;
  const real = ['raw', 'temporal.db', 'postgres.json'].find((name) => existsSync(join(home, name)));
  if (real !== undefined) {
    throw new WrongSetting(
      `${home} can't become a home of simulated data: it has "${real}" already, and no file "${SIMULATED_MARK}" that says ` +
        'that this is simulated too. Set LADEPULS_HOME to another folder, or move that one away.',
    );
  }
  await mkdir(home, { recursive: true, mode: 0o750 });
  const text =
    'Everything in this folder was simulated by "ladepuls demo": none of it is a real observation.\n';
  await writeFile(join(home, SIMULATED_MARK), text, { flush: true });
}
