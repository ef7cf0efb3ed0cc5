import { hash } from './random.js';

const DAY_MS = 86_400_000;
/** Eight weeks: in two weeks about one of a hundred stations disappears, and one appears. */
const CYCLE_MS = 56 * DAY_MS;
const MOST_DAYS_AWAY = 12;

const AWAY_FOR_A_WHILE_SHARE = 0.03;
const REPLACED_SHARE = 0.03;

/**
 * Return the generation of the station in a position at an instant, counted from 0; null if the position is empty. Most
 * positions have the same station forever. Some are empty for some days in each cycle; after that, the position has the
 * same station again, or a new station with other ids.
 * @param placeSeed a number that is fixed for the position
 */
export function generationAt(placeSeed: number, instantMs: number): number | null {
  const lot = hash(placeSeed, 4) / 2 ** 32;
  if (lot >= AWAY_FOR_A_WHILE_SHARE + REPLACED_SHARE) return 0;
  const cycles = instantMs / CYCLE_MS + hash(placeSeed, 5) / 2 ** 32;
  const cycle = Math.floor(cycles);
  const awayMs = (1 + (hash(placeSeed, 6) % MOST_DAYS_AWAY)) * DAY_MS;
  if ((cycles - cycle) * CYCLE_MS < awayMs) return null;
  return lot < AWAY_FOR_A_WHILE_SHARE ? 0 : cycle;
}
