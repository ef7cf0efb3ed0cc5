import type { Calendar } from './localTime.js';
import { createRandom, exponential, hash, logUniform } from './random.js';
import type { Usage } from './rhythm.js';

const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;

/** Limit of a stay: two days, so that a day's statuses depend on the arrivals of three days only. */
const LONGEST_STAY_HOURS = 48;
const SHORTEST_STAY_HOURS = 0.15;
const DAYS_OF_STAYS = 2;

const BREAKDOWNS_A_WEEK = 0.045;
const BREAKDOWN_HOURS = { least: 3, most: 120 };
const SILENCES_A_WEEK = 0.33;
const SILENCE_HOURS = { least: 0.3, most: 72 };

const RESERVATION_SHARE = 0.3;
const RESERVATION_HOURS = { least: 0.25, most: 1 };
const BLOCKED_AFTERWARDS_SHARE = { sensor: 0.5, plain: 0.04 };
const BLOCKED_HOURS = { least: 0.2, most: 3 };
const PARKED_CARS_A_DAY = 2;

/** Statuses by rank: a later status hides an earlier one. */
const STATUSES = [
  'AVAILABLE',
  'RESERVED',
  'BLOCKED',
  'CHARGING',
  'UNKNOWN',
  'INOPERATIVE',
  'OUTOFORDER',
] as const;
export type SimulatedStatus = (typeof STATUSES)[number];

/** What a charging point's statuses depend on, besides the fleet's seed. */
export interface PointTraits {
  /** Seed of the point's stays and breakdowns. */
  seed: number;
  /** Seed of the events that affect its whole station. */
  stationSeed: number;
  usage: Usage;
  reservable: boolean;
  parkingSensor: boolean;
}

/** A charging point's statuses on one local day: `statuses[i]` is valid from `startsMs[i]` until the next start. */
export interface Timeline {
  dayNumber: number;
  startsMs: number[];
  statuses: SimulatedStatus[];
}

interface Spell {
  startMs: number;
  endMs: number;
  rank: number;
}

/** Return a charging point's statuses on one local day, as a pure function of its traits and the day. */
export function timelineOf(point: PointTraits, dayNumber: number, calendar: Calendar): Timeline {
  const startMs = calendar.startOf(dayNumber);
  const endMs = calendar.startOf(dayNumber + 1);
  const spells: Spell[] = [];
  // The next day is included, because a reservation precedes its stay.
  for (let day = dayNumber - DAYS_OF_STAYS; day <= dayNumber + 1; day++) {
    addStays(spells, point, day, calendar.startOf(day));
  }
  addWeeklyTroubles(spells, point, startMs, endMs);
  return paint(
    spells.filter((spell) => spell.startMs < endMs && spell.endMs > startMs),
    dayNumber,
    startMs,
  );
}

/** Return the status at an instant of the timeline's day. */
export function statusAt(timeline: Timeline, instantMs: number): SimulatedStatus {
  const { startsMs, statuses } = timeline;
  let index = 0;
  while (index + 1 < startsMs.length && (startsMs[index + 1] ?? Infinity) <= instantMs) index++;
  return statuses[index] ?? 'AVAILABLE';
}

function spell(status: SimulatedStatus, startMs: number, hours: number): Spell {
  return { startMs, endMs: startMs + hours * HOUR_MS, rank: STATUSES.indexOf(status) };
}

/**
 * Add a day's arrivals. Candidates arrive at the day's highest rate; each is accepted with the probability that gives
 * the rate of its own hour.
 */
function addStays(spells: Spell[], point: PointTraits, dayNumber: number, dayStartMs: number): void {
  const random = createRandom(hash(point.seed, dayNumber));
  const { arrivalsByHour, mostArrivals, meanStayHours } = point.usage;
  for (
    let hour = exponential(random, 1 / mostArrivals);
    hour < 24;
    hour += exponential(random, 1 / mostArrivals)
  ) {
    if (random() * mostArrivals >= (arrivalsByHour[Math.floor(hour)] ?? 0)) continue;
    const startMs = dayStartMs + hour * HOUR_MS;
    const stay = SHORTEST_STAY_HOURS + exponential(random, meanStayHours - SHORTEST_STAY_HOURS);
    addStay(spells, point, startMs, Math.min(stay, LONGEST_STAY_HOURS), random);
  }
  if (!point.parkingSensor) return;
  for (let car = 0; car < PARKED_CARS_A_DAY; car++) {
    const startMs = dayStartMs + random() * 24 * HOUR_MS;
    spells.push(spell('BLOCKED', startMs, logUniform(random, BLOCKED_HOURS.least, BLOCKED_HOURS.most)));
  }
}

function addStay(
  spells: Spell[],
  point: PointTraits,
  startMs: number,
  hours: number,
  random: () => number,
): void {
  spells.push(spell('CHARGING', startMs, hours));
  const blockedShare = point.parkingSensor ? BLOCKED_AFTERWARDS_SHARE.sensor : BLOCKED_AFTERWARDS_SHARE.plain;
  if (random() < blockedShare) {
    const blockedHours = logUniform(random, BLOCKED_HOURS.least, BLOCKED_HOURS.most);
    spells.push(spell('BLOCKED', startMs + hours * HOUR_MS, blockedHours));
  }
  if (point.reservable && random() < RESERVATION_SHARE) {
    const reservedHours = logUniform(random, RESERVATION_HOURS.least, RESERVATION_HOURS.most);
    spells.push(spell('RESERVED', startMs - reservedHours * HOUR_MS, reservedHours));
  }
}

/** Add breakdowns of the point and silences of its station: at most one of each per week, none longer than a week. */
function addWeeklyTroubles(spells: Spell[], point: PointTraits, startMs: number, endMs: number): void {
  for (let week = Math.floor(startMs / WEEK_MS) - 1; week * WEEK_MS < endMs; week++) {
    const breakdown = createRandom(hash(point.seed, week, 1));
    if (breakdown() < BREAKDOWNS_A_WEEK) {
      const status = breakdown() < 0.6 ? 'OUTOFORDER' : 'INOPERATIVE';
      const hours = logUniform(breakdown, BREAKDOWN_HOURS.least, BREAKDOWN_HOURS.most);
      spells.push(spell(status, (week + breakdown()) * WEEK_MS, hours));
    }
    const silence = createRandom(hash(point.stationSeed, week, 2));
    if (silence() < SILENCES_A_WEEK) {
      const hours = logUniform(silence, SILENCE_HOURS.least, SILENCE_HOURS.most);
      spells.push(spell('UNKNOWN', (week + silence()) * WEEK_MS, hours));
    }
  }
}

/** Build the timeline: at every moment, from the start of the day, the status of highest rank. */
function paint(spells: Spell[], dayNumber: number, dayStartMs: number): Timeline {
  const edges = [dayStartMs, ...spells.flatMap(({ startMs, endMs }) => [startMs, endMs])];
  const startsMs: number[] = [];
  const statuses: SimulatedStatus[] = [];
  for (const edge of edges.filter((ms) => ms >= dayStartMs).sort((a, b) => a - b)) {
    let rank = 0;
    for (const { startMs, endMs, rank: own } of spells) {
      if (startMs <= edge && edge < endMs && own > rank) rank = own;
    }
    const status = STATUSES[rank] ?? 'AVAILABLE';
    if (status === statuses.at(-1)) continue;
    startsMs.push(edge);
    statuses.push(status);
  }
  return { dayNumber, startsMs, statuses };
}
