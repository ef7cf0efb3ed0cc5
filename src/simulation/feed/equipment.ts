import { pick, type Random } from './random.js';

/**
 * A connector's attributes without its status, in the order of the API. Numbers are strings if they are strings in the
 * API.
 */
export interface ConnectorContent {
  id: string;
  standard: string;
  format: 'SOCKET' | 'CABLE';
  power_type: 'AC_1_PHASE' | 'AC_3_PHASE' | 'DC';
  ampere: string;
  voltage: string;
  max_power: number;
  tariff_id: null;
}

/** The kind of a station. */
export interface Equipment {
  powerType: 'AC' | 'DC';
  twoConnectors: boolean;
  /** Numbers of charging points, each with its share of the stations. */
  points: [[number, number], ...[number, number][]];
}

const AC_POINTS: Equipment['points'] = [
  [0.71, 2],
  [0.21, 1],
  [0.04, 4],
  [0.03, 3],
  [0.01, 6],
];
const DC_POINTS: Equipment['points'] = [
  [0.7, 1],
  [0.3, 2],
];

/**
 * The kinds of stations with their shares: mostly AC of 22 kW with one socket, some with an additional household
 * socket, some fast chargers.
 */
export const EQUIPMENT: [[number, Equipment], ...[number, Equipment][]] = [
  [0.82, { powerType: 'AC', twoConnectors: false, points: AC_POINTS }],
  [0.13, { powerType: 'AC', twoConnectors: true, points: AC_POINTS }],
  [0.05, { powerType: 'DC', twoConnectors: true, points: DC_POINTS }],
];

type Plug = Omit<ConnectorContent, 'id' | 'tariff_id'>;

const plug = (
  standard: string,
  format: Plug['format'],
  power_type: Plug['power_type'],
  ampere: string,
  voltage: string,
  max_power: number,
): Plug => ({ standard, format, power_type, ampere, voltage, max_power });

const AC_PLUGS = [
  ...Array.from({ length: 8 }, () => plug('IEC_62196_T2', 'SOCKET', 'AC_3_PHASE', '32', '400', 22)),
  plug('IEC_62196_T2', 'SOCKET', 'AC_3_PHASE', '16', '400', 11),
  plug('IEC_62196_T2', 'CABLE', 'AC_3_PHASE', '32', '400', 22),
];
const HOUSEHOLD_SOCKET = plug('DOMESTIC_F', 'SOCKET', 'AC_1_PHASE', '13', '230', 3);
const DC_PLUGS: [Plug, Plug][] = [
  [
    plug('IEC_62196_T2_COMBO', 'CABLE', 'DC', '125', '400', 50),
    plug('CHADEMO', 'CABLE', 'DC', '125', '400', 50),
  ],
  [
    plug('IEC_62196_T2_COMBO', 'CABLE', 'DC', '500', '400', 150),
    plug('CHADEMO', 'CABLE', 'DC', '125', '500', 50),
  ],
];

/** The one or two connectors of a charging point. */
export function connectorsOf(random: Random, equipment: Equipment, uid: string): ConnectorContent[] {
  return plugsOf(random, equipment).map((content, at) => ({
    id: `${uid}${at + 1}`,
    ...content,
    // 0 occurs in real data, because some operators never set the value.
    ampere: random() < 0.002 ? '0' : content.ampere,
    tariff_id: null,
  }));
}

function plugsOf(random: Random, { powerType, twoConnectors }: Equipment): Plug[] {
  if (powerType === 'DC') return pick(random, DC_PLUGS);
  const socket = pick(random, AC_PLUGS);
  return twoConnectors ? [socket, HOUSEHOLD_SOCKET] : [socket];
}
