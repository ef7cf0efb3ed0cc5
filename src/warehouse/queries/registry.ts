import { cities } from './cities.js';
import { chargingEvents, history } from './events.js';
import { coverage, feeds } from './feeds.js';
import { hours } from './hours.js';
import { locations } from './locations.js';
import { points } from './points.js';
import type { Query } from './query.js';
import { state } from './state.js';
import { stations } from './stations.js';
import { members, utilization } from './utilization.js';

/** All queries by name. */
export const QUERIES = {
  state,
  cities,
  hours,
  stations,
  points,
  history,
  chargingEvents,
  members,
  utilization,
  coverage,
  feeds,
  locations,
};

type Ask<Of> =
  Of extends Query<infer Parameters, infer Row> ? (...parameters: Parameters) => Promise<Row[]> : never;

/** Functions that run each query, by name. */
export type Queries = { readonly [Name in keyof typeof QUERIES]: Ask<(typeof QUERIES)[Name]> } & {
  close(): Promise<void>;
};
