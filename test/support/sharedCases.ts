import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Folder of small inputs that reproduce faults of real feeds. It is next to the repository, not in it. */
const FOLDER = fileURLToPath(new URL('../../../shared/cases/', import.meta.url));

export const SHARED_CASES_ARE_ABSENT = !existsSync(FOLDER);

/** Suffix for the names of skipped tests. */
export const ABSENT_CASES_HINT = SHARED_CASES_ARE_ABSENT
  ? ` (skipped: there are no shared cases in ${FOLDER})`
  : '';

/** Return the path of a case, or of a file in it. */
export function sharedCase(path: string): string {
  return FOLDER + path;
}
