import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

/** Folder of recorded real answers. It is next to the repository, not in it. */
const FOLDER = fileURLToPath(new URL('../../../shared/feeds/', import.meta.url));

export const FIRST_POLL = '20220111_215824_cp_data_cities.json.gz';
export const SECOND_POLL = '20220111_220822_cp_data_cities.json.gz';
export const HERRENBERG = 'ocpi_locations_herrenberg.json';
export const LUDWIGSBURG = 'chargecloud_afir_ludwigsburg.json.gz';

export const RECORDED_FEEDS_ARE_ABSENT = !existsSync(FOLDER);

/** Suffix for the names of skipped tests. */
export const ABSENT_HINT = RECORDED_FEEDS_ARE_ABSENT
  ? ` (skipped: there are no recorded feeds in ${FOLDER})`
  : '';

/** Return the parsed JSON of a recorded file. */
export function recorded(file: string): unknown {
  const bytes = readFileSync(FOLDER + file);
  return JSON.parse((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'));
}

/** Return the answers of a recorded poll, by feed. */
export function recordedPoll(file: string): Record<string, unknown> {
  return recorded(file) as Record<string, unknown>;
}
