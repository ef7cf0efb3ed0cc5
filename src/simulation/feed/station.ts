import type { City } from './cities.js';
import {
  DIRECTIONS,
  FLOOR_LEVELS,
  OWNERS,
  PLACES,
  POINT_POSITIONS,
  REGULAR_HOURS,
  STATION_POSITIONS,
  STREETS,
} from './phrases.js';
import { connectorsOf, EQUIPMENT, type ConnectorContent } from './equipment.js';
import { operatorOf } from './operator.js';
import { createRandom, hash, hashText, pick, pickWeighted, type Random } from './random.js';
import { usageOf } from './rhythm.js';
import type { PointTraits } from './timeline.js';

/**
 * Identifies a station of a fleet. `index` is its position in the feed; `generation` is the number of earlier stations
 * in the same position.
 */
export interface StationIdentity {
  seed: number;
  city: City;
  /** Number of the feed. It gives the millions of its stations' ids. */
  feedNumber: number;
  index: number;
  generation: number;
}

export interface SimulatedPoint extends PointTraits {
  uid: string;
  evseId: string;
  /** EVSE-ID after the operator's renumbering. */
  renumberedEvseId: string;
  /** The attributes before and after the connectors, apart from uid, id and status, in the order of the API. */
  before: Record<string, unknown>;
  after: Record<string, unknown>;
  connectors: ConnectorContent[];
}

/** A station, with the attributes that do not change between polls. */
export interface SimulatedStation {
  id: number;
  seed: number;
  /** The attributes from name to roaming, in the order of the API. */
  content: Record<string, unknown>;
  points: SimulatedPoint[];
  /** Whether the station belongs to the feed's own operator, in any spelling. */
  ofMainOperator: boolean;
  /** Whether the order of its connectors changes from time to time. */
  swapsConnectors: boolean;
}

/** Limit, because the ids of further stations would collide with those of the next generation. */
export const MOST_STATIONS_A_FEED = 100_000;

const SENSOR_SHARE = 0.04;
/** Share among the stations with two connectors per charging point. */
const SWAPPING_SHARE = 0.05;

/** Create a station. The same identity always gives the same station. The id fits into 31 bits. */
export function createStation(identity: StationIdentity): SimulatedStation {
  const { city, feedNumber, index, generation } = identity;
  // Ten generations have different ids. The eleventh, years later, has the ids of the first.
  const number = index + (generation % 10) * MOST_STATIONS_A_FEED;
  const id = feedNumber * 10 * MOST_STATIONS_A_FEED + number;
  const seed = hash(identity.seed, hashText(city.feed), number);
  const random = createRandom(seed);
  const operator = operatorOf(random, city);
  const content = contentOf(random, city, operator.content);
  const equipment = pickWeighted(random, EQUIPMENT);
  const count = pickWeighted(random, equipment.points);
  const positions = random() < 0.12 ? pick(random, POINT_POSITIONS) : null;
  const points = Array.from({ length: count }, (_, at) => {
    // Unique within the operator, which may have stations in many feeds.
    const evse = { operator: operator.evseOperator, number: operator.main ? number : id, at };
    const position = positions?.[at] ?? null;
    return createPoint({ seed, uid: `${id}${String(at + 1).padStart(2, '0')}`, evse, position, equipment });
  });
  const swapsConnectors = equipment.twoConnectors && hash(seed, 3) / 2 ** 32 < SWAPPING_SHARE;
  return { id, seed, content, points, ofMainOperator: operator.main, swapsConnectors };
}

function contentOf(random: Random, city: City, operator: Record<string, unknown>): Record<string, unknown> {
  const street = pick(random, STREETS);
  const blank = (share: number, text: string) => (random() < share ? text : '');
  const houseNumber = 1 + Math.floor(random() * 180);
  return {
    name: `${pick(random, PLACES)} ${street}${blank(0.05, ' ')}`,
    address: `${street}${blank(0.04, ' ')} ${houseNumber}${blank(0.03, ' ')}`,
    city: `${city.city}${blank(0.02, ' ')}`,
    postal_code: `${city.postalArea}${String(Math.floor(random() * 100)).padStart(2, '0')}${blank(0.01, ' ')}`,
    country: 'DE',
    directions: pickWeighted<string | null>(random, [
      [0.6, ''],
      [0.39, pick(random, DIRECTIONS)],
      [0.01, null],
    ]),
    coordinates: {
      latitude: (city.latitude + (random() - 0.5) * 0.06).toFixed(6),
      longitude: (city.longitude + (random() - 0.5) * 0.09).toFixed(6),
    },
    distance_in_m: '0',
    operator,
    opening_times:
      random() < 0.97
        ? { twentyfourseven: true }
        : { regular_hours: pick(random, REGULAR_HOURS), twentyfourseven: false },
    owner: pickWeighted<string | null>(random, [
      [0.9, null],
      [0.08, ''],
      [0.02, pick(random, OWNERS)],
    ]),
    roaming: false,
  };
}

interface PointIdentity {
  seed: number;
  uid: string;
  evse: { operator: string; number: number; at: number };
  position: string | null;
  equipment: (typeof EQUIPMENT)[number][1];
}

function createPoint({ seed: stationSeed, uid, evse, position, equipment }: PointIdentity): SimulatedPoint {
  const seed = hash(stationSeed, evse.at);
  const random = createRandom(seed);
  const reservable = random() < 0.5;
  const parkingSensor = random() < SENSOR_SHARE;
  const number = String(evse.number).padStart(5, '0');
  const last = String(evse.at + 1).padStart(3, '0');
  // Some operators use ids that no standard allows.
  const slip = random() < 0.01 ? 'x' : '';
  return {
    uid,
    seed,
    stationSeed,
    usage: usageOf(random(), equipment.powerType),
    reservable,
    parkingSensor,
    evseId: `DE*${evse.operator}*E${number}${slip}*${last}`,
    renumberedEvseId: `DE*${evse.operator}*E9${number}*${evse.at + 1}`,
    ...attributesOf(random, reservable, position),
    connectors: connectorsOf(random, equipment, uid),
  };
}

function attributesOf(random: Random, reservable: boolean, position: string | null) {
  const capabilities = [...(reservable ? ['RESERVABLE'] : []), 'RFID_READER', 'REMOTE_START_STOP_CAPABLE'];
  return {
    before: {
      capabilities: random() < 0.005 ? [] : capabilities,
      physical_reference: pickWeighted<string | null>(random, [
        [0.9, ''],
        [0.05, null],
        [0.01, '-'],
        [0.04, `${Math.floor(random() * 400)}${pick(random, ['L', 'R'])}`],
      ]),
      floor_level: random() < 0.97 ? '' : pick(random, FLOOR_LEVELS),
      vehicle_type: 'four_wheeled',
    },
    after: {
      chargePointPosition: position,
      chargePointPublicComment: null,
      chargePointParkingSpaceNumbers: random() < 0.06 ? String(1 + Math.floor(random() * 9)) : null,
      chargingStationPosition: random() < 0.06 ? pick(random, STATION_POSITIONS) : null,
    },
  };
}
