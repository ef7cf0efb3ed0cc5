import { hash } from './random.js';

const DAY_MS = 86_400_000;
/** Eight weeks: in a fortnight one of a hundred stations goes, and one comes. */
const CYCLE_MS = 56 * DAY_MS;
const MOST_DAYS_AWAY = 12;

const AWAY_FOR_A_WHILE_SHARE = 0.03;
const REPLACED_SHARE = 0.03;

/**
 * Who stands at a station's place at an instant: null for nobody, else the generation, counted from 0. Most places
 * keep their station for ever; some are empty for some days in every cycle, and are then taken by the same
 * station again or by a new one with ids of its own.
 * @param placeSeed what the place was given for good
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
