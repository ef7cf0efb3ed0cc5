import fc from 'fast-check';
import { slotsOfDay } from '../../../src/domain/day.js';
import { envelope, point, station, ZONE } from '../../cleaning/support/polls.js';

/**
 * Four days, one of which has 25 hours. Polls of the last day are compared with polls of the 168 hours before, which
 * begin on the second day.
 */
export const DAYS = ['2022-10-29', '2022-10-30', '2022-10-31', '2022-11-06'];
/** Slots of all hours of these days. A feed is polled in some of them. */
const HOURS = DAYS.flatMap((day) => slotsOfDay(day, ZONE, 60).map((slot) => ({ day, slot })));
const LAST_HOUR = HOURS.length - 1;

/** State of one charging point from an hour until its next phase. */
interface PointPhase {
  at: number;
  present: boolean;
  /** Null stands for a status that can't be read: the charging point is quarantined, its connectors are not. */
  status: 'AVAILABLE' | 'CHARGING' | null;
  station: 0 | 1;
  evse: 0 | 1;
  floor: 0 | 1;
  connectors: 1 | 2;
  /** Feeds that show the charging point. */
  feeds: 'a' | 'b' | 'ab';
}

/** Master data of the stations of a fleet from an hour on. */
interface StationPhase {
  at: number;
  operator: 0 | 1;
  name: 0 | 1;
  /** Metres to the north of where the stations are first; null if they have no coordinates. */
  north: number | null;
}

/** Records without a readable id, which a feed has for some hours. */
interface Unidentified {
  at: number;
  hours: number;
  /** A charging point, or a station with a charging point, which then is unidentified too. */
  kind: 'point' | 'station';
  records: number;
}

/** A few stations and charging points in one or two feeds over some days. */
export interface Fleet {
  feeds: readonly ('a' | 'b')[];
  /** Hours between two polls: 1, 2 or 3. */
  every: number;
  /** Gaps: the first hour, the number of hours, and the feed that is not polled. */
  gaps: { at: number; hours: number; feed: 'a' | 'b' }[];
  points: PointPhase[][];
  stations: StationPhase[];
  unidentified: Unidentified[];
  /**
   * Number of further charging points that are always shown. With them, a poll is complete although one charging point
   * is missing.
   */
  ballast: number;
  /**
   * Hours with a second answer. `damaged` are hours with an additional unreadable answer, `unreadable` hours with only
   * an unreadable answer.
   */
  surplus: number[];
  damaged: number[];
  unreadable: number[];
  /** Hours whose answers arrive after the days were loaded. */
  late: number[];
}

const hour = fc.nat(LAST_HOUR);
const bit = fc.constantFrom<0 | 1>(0, 1);
const hours = fc.array(hour, { maxLength: 3 });

export const fleet: fc.Arbitrary<Fleet> = fc.record({
  feeds: fc.constantFrom<Fleet['feeds']>(['a'], ['a'], ['a', 'b']),
  every: fc.constantFrom(1, 2, 3),
  gaps: fc.array(
    fc.record({
      at: hour,
      hours: fc.integer({ min: 1, max: 50 }),
      feed: fc.constantFrom<'a' | 'b'>('a', 'b'),
    }),
    { maxLength: 3 },
  ),
  points: fc.array(
    fc.array(
      fc.record<PointPhase>({
        at: hour,
        present: fc.boolean(),
        status: fc.constantFrom('AVAILABLE', 'CHARGING', 'AVAILABLE', 'CHARGING', null),
        station: bit,
        evse: bit,
        floor: bit,
        connectors: fc.constantFrom<1 | 2>(1, 2),
        feeds: fc.constantFrom<'a' | 'b' | 'ab'>('a', 'a', 'a', 'b', 'ab'),
      }),
      { minLength: 1, maxLength: 5 },
    ),
    { minLength: 1, maxLength: 3 },
  ),
  stations: fc.array(
    fc.record<StationPhase>({
      at: hour,
      operator: fc.constantFrom<0 | 1>(0, 0, 0, 1),
      name: fc.constantFrom<0 | 1>(0, 0, 0, 1),
      north: fc.constantFrom(0, 4, 8, 12, 16, 20, 24, null),
    }),
    { maxLength: 6 },
  ),
  unidentified: fc.array(
    fc.record<Unidentified>({
      at: hour,
      hours: fc.integer({ min: 1, max: 50 }),
      kind: fc.constantFrom('point', 'station'),
      records: fc.constantFrom(1, 2),
    }),
    { maxLength: 2 },
  ),
  ballast: fc.constantFrom(0, 4, 9),
  surplus: hours,
  damaged: hours,
  unreadable: hours,
  late: hours,
});

/** One answer; `stations` is null if the answer can't be read. */
export interface Answer {
  feed: string;
  day: string;
  slot: number;
  receivedMs: number;
  isLate: boolean;
  /** Whether a correction excludes the answer. Default: no. */
  isExcluded?: boolean;
  stations: ShownStation[] | null;
}

/** A correction of one feed: from an hour on, for some hours. Later instants decide. */
export interface ShownCorrection {
  feed: string;
  kind: 'exclude' | 'include';
  at: number;
  hours: number;
  instant: number;
  /** Whether the correction arrives after the days were loaded. */
  isLate: boolean;
}

/** Corrections of the feeds of some fleets. No two have the same instant. */
export function correctionsOf(fleets: number): fc.Arbitrary<ShownCorrection[]> {
  return fc.uniqueArray(
    fc.record<ShownCorrection>({
      feed: fc
        .tuple(fc.integer({ min: 1, max: fleets }), fc.constantFrom('a', 'a', 'b'))
        .map(([number, letter]) => `f${number}${letter}`),
      kind: fc.constantFrom('exclude', 'exclude', 'include'),
      at: hour,
      hours: fc.integer({ min: 1, max: 60 }),
      instant: fc.nat(1_000_000),
      isLate: fc.boolean(),
    }),
    { selector: ({ instant }) => instant, maxLength: 2 * fleets },
  );
}

/** Return the first slot of a correction, and the slot before which it ends. */
export function rangeOf({ at, hours: length }: Pick<ShownCorrection, 'at' | 'hours'>): {
  from: number;
  to: number;
} {
  const from = HOURS[at]?.slot ?? NaN;
  return { from, to: from + length * 3_600_000 };
}

/** Mark the answers that corrections exclude: for each answer, the latest correction of its feed and slot decides. */
export function markExcluded(answers: Answer[], corrections: readonly ShownCorrection[]): Answer[] {
  return answers.map((answer) => {
    const covering = corrections.filter((correction) => {
      const { from, to } = rangeOf(correction);
      return correction.feed === answer.feed && from <= answer.slot && answer.slot < to;
    });
    const [latest] = covering.sort((a, b) => b.instant - a.instant);
    return { ...answer, isExcluded: latest?.kind === 'exclude' };
  });
}

export interface ShownStation {
  /** null: can't be read. */
  id: number | null;
  name: string;
  operator: string;
  /** Degrees; null if the station has no coordinates. */
  longitude: number | null;
  latitude: number | null;
  points: ShownPoint[];
}

export interface ShownPoint {
  /** null: can't be read. */
  uid: string | null;
  status: string | null;
  evse: string;
  floor: string;
  connectors: { id: string; status: string }[];
}

/** Return all answers of a fleet. `number` makes its ids different from those of other fleets. */
export function answersOf(fleetShown: Fleet, number: number): Answer[] {
  return fleetShown.feeds.flatMap((letter) =>
    HOURS.flatMap(({ day, slot }, at) => {
      if (at % fleetShown.every !== 0 || isInGap(fleetShown, letter, at)) return [];
      const answer = { feed: `f${number}${letter}`, day, slot, isLate: fleetShown.late.includes(at) };
      const good = { ...answer, receivedMs: slot + 3_000, stations: shown(fleetShown, number, letter, at) };
      const damaged = { ...answer, receivedMs: slot + 1_000, stations: null };
      const second = { ...good, receivedMs: slot + 5_000, stations: shown(fleetShown, number, letter, 0) };
      if (fleetShown.unreadable.includes(at)) return [damaged];
      return [
        good,
        ...(fleetShown.damaged.includes(at) ? [damaged] : []),
        ...(fleetShown.surplus.includes(at) ? [second] : []),
      ];
    }),
  );
}

function isInGap({ gaps }: Fleet, letter: string, at: number): boolean {
  return gaps.some((gap) => gap.feed === letter && at >= gap.at && at < gap.at + gap.hours);
}

/** Return the phase of an hour: the last phase that has begun, or the first phase if none has begun. */
function phaseAt<T extends { at: number }>(phases: T[], at: number): T | undefined {
  const inOrder = [...phases].sort((a, b) => a.at - b.at);
  return inOrder.filter((phase) => phase.at <= at).at(-1) ?? inOrder[0];
}

function shown(fleetShown: Fleet, number: number, letter: 'a' | 'b', at: number): ShownStation[] {
  const look = phaseAt(fleetShown.stations, at);
  const isThere = (some: Unidentified) => at >= some.at && at < some.at + some.hours;
  const stations: ShownStation[] = [0, 1, 2].map((index) => ({
    id: number * 10 + index + (index === 2 && letter === 'b' ? 1 : 0),
    name: `Station ${look?.name ?? 0}`,
    operator: `Operator ${look?.operator ?? 0}`,
    ...locationOf(look?.north === undefined ? 0 : look.north),
    points: [],
  }));
  fleetShown.points.forEach((phases, index) => {
    const phase = phaseAt(phases, at);
    if (!phase?.present || !phase.feeds.includes(letter)) return;
    const uid = `${number}p${index}`;
    stations[phase.station]?.points.push({
      uid,
      status: phase.status,
      evse: `DE*${uid}*${phase.evse}`,
      floor: String(phase.floor),
      connectors: Array.from({ length: phase.connectors }, (_, n) => ({
        id: `${uid}c${n}`,
        status: phase.status ?? 'UNKNOWN',
      })),
    });
  });
  for (let index = 0; index < fleetShown.ballast; index++) {
    const uid = `${number}${letter}${index}`;
    const connectors = [{ id: `${uid}c`, status: 'AVAILABLE' }];
    stations[2]?.points.push({ uid, status: 'AVAILABLE', evse: `DE*${uid}`, floor: '0', connectors });
  }
  for (const { records, kind } of fleetShown.unidentified.filter(isThere))
    for (let index = 0; index < records; index++) {
      const uid = `${number}${letter}u${index}`;
      const connectors = [{ id: `${uid}c`, status: 'AVAILABLE' }];
      const unread = { status: 'AVAILABLE', evse: `DE*${uid}`, floor: '0', connectors };
      if (kind === 'point') stations[2]?.points.push({ uid: null, ...unread });
      else
        stations.push({
          id: null,
          name: 'Station',
          operator: 'Operator',
          ...locationOf(0),
          points: [{ uid, ...unread }],
        });
    }
  return stations.filter(({ points }) => points.length > 0);
}

/** Return coordinates with as many digits as feeds give. */
function locationOf(north: number | null): Pick<ShownStation, 'longitude' | 'latitude'> {
  if (north === null) return { longitude: null, latitude: null };
  return { longitude: 7, latitude: Number((50 + north / 111_320).toFixed(6)) };
}

/** Return the body of an answer as the feed would send it. */
export function bodyOf({ slot, stations }: Answer): unknown {
  if (!stations) return Buffer.from('<html>');
  return envelope(
    slot,
    stations.map(({ id, name, operator, longitude, latitude, points }) =>
      station(
        id === null ? null : String(id),
        points.map(({ uid, status, evse, floor, connectors }) =>
          point(uid, status, { id: evse, floor_level: floor, connectors }),
        ),
        {
          name,
          operator: { name: operator, hotline: null },
          ...(latitude !== null && {
            coordinates: { longitude: String(longitude), latitude: String(latitude) },
          }),
        },
      ),
    ),
  );
}
