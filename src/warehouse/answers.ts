import type { Day } from '../domain/day.js';
import type { Outcome } from '../domain/outcome.js';
import type { OpeningPeriod } from '../domain/observation.js';

/** What a status stands for. */
export const STATUS_GROUPS = ['available', 'occupied', 'out_of_service', 'unknown'] as const;
export type StatusGroup = (typeof STATUS_GROUPS)[number];

/** A status of now. */
export interface Now {
  /** As the feed gave it, in the last slot that showed it. */
  status: string;
  status_group: StatusGroup;
  /** ISO instants, UTC. */
  since: string;
  /** Whether it may have begun earlier: nobody looked. */
  since_at_least: boolean;
  observed_at: string;
  /** Whether that is recent enough to hold now. */
  is_fresh: boolean;
}

/** How many charging points of a station are in each state now; those that were not seen lately are unknown. */
export interface StationNow {
  charging_points: number;
  available: number;
  occupied: number;
  out_of_service: number;
  unknown: number;
  observed_at: string | null;
}

/** The same of all stations of a city that are in service. */
export interface CityNow extends StationNow {
  /** null: of those that tell none. */
  city: string | null;
  stations: number;
  /** Degrees, EPSG:4326: the middle of the stations; null where none tells its place. */
  longitude: number | null;
  latitude: number | null;
}

export interface Station extends StationNow {
  id_cs: number;
  name: string | null;
  address: string | null;
  postal_code: string | null;
  city: string | null;
  country: string | null;
  /** Degrees, EPSG:4326. */
  longitude: number | null;
  latitude: number | null;
  operator: string | null;
  open_24_7: boolean | null;
  /** kW of its strongest connector. */
  max_power: number | null;
  power_class: string | null;
  standards: string[];
  /** Metres, where stations near a place are asked for. */
  distance?: number;
}

export interface Connector {
  id_connector: string;
  standard: string | null;
  format: string | null;
  power_type: string | null;
  ampere: number | null;
  voltage: number | null;
  max_power: number | null;
}

export interface ChargingPoint {
  id_cp: string;
  id_cs: number;
  evse_id: string | null;
  physical_reference: string | null;
  floor_level: string | null;
  reservable: boolean | null;
  capabilities: string[] | null;
  now: Now | null;
  connectors: Connector[];
}

/** Where a page goes on: behind the row with these values of what rows are ordered by. */
export type After = readonly (string | number)[];

export interface StationQuery {
  /** Degrees: west, south, east, north. */
  bbox?: readonly [number, number, number, number] | undefined;
  /** Degrees and metres; then the nearest come first. */
  near?: { longitude: number; latitude: number; radius: number } | undefined;
  city?: string | undefined;
  postal_code?: string | undefined;
  operator?: string | undefined;
  /** kW */
  min_power?: number | undefined;
  power_class?: string | undefined;
  standard?: string | undefined;
  /** Only those with a charging point that is available now. */
  free?: boolean | undefined;
  id_cs?: number | undefined;
}

export interface PointQuery {
  id_cp?: string | undefined;
  id_cs?: number | undefined;
  evse_id?: string | undefined;
  city?: string | undefined;
  feed?: string | undefined;
  status_group?: StatusGroup | undefined;
}

/** A charging point, or those of a station or a city. */
export interface PlaceQuery {
  id_cp?: string | undefined;
  id_cs?: number | undefined;
  city?: string | undefined;
}

/** A page that is asked for: at most so many rows, behind a place. */
export interface PageOf {
  limit: number;
  after?: After | undefined;
}

/** Instants in milliseconds since the epoch, half-open, of local days, both included. */
export interface Span {
  from: Day;
  to: Day;
  start: number;
  end: number;
}

/** An event of the past; see `status_event` in docs/data-model.md. */
export interface StatusEvent {
  id_cp: string;
  start_at: string;
  end_at: string;
  day: Day;
  duration_minutes: number;
  unobserved_minutes: number;
  status: string;
  status_group: StatusGroup;
  status_before: string | null;
  status_after: string | null;
  start_cut: string | null;
  end_cut: string | null;
}

export type ChargingEvent = Omit<StatusEvent, 'status' | 'status_group'>;

export const BUCKETS = ['hour', 'day', 'week', 'month', 'hour_of_day', 'weekday'] as const;
export type Bucket = (typeof BUCKETS)[number];

/** Minutes and events of one bucket; the shares follow from them. */
export interface Utilization {
  /** An instant of an hour, a local day (of weeks and months the first one), or a number. */
  bucket: string | number;
  available_minutes: number;
  occupied_minutes: number;
  charging_minutes: number;
  out_of_service_minutes: number;
  unknown_minutes: number;
  unobserved_minutes: number;
  charging_starts: number;
  utilization: number | null;
  uptime: number | null;
  uptime_strict: number | null;
  observed_share: number | null;
}

/** For how long all charging points together were observed in each state in an hour; nothing where nobody looked. */
export interface HourOfAll {
  /** ISO instant, UTC, of its beginning. */
  hour: string;
  /** Local. */
  day: Day;
  hour_of_day: number;
  available_minutes: number;
  occupied_minutes: number;
  out_of_service_minutes: number;
  unknown_minutes: number;
}

export interface FeedNow {
  feed: string;
  slot: string | null;
  outcome: Outcome['outcome'] | null;
  reason: string | null;
  stored_slot: string | null;
  charging_points: number | null;
  is_fresh: boolean;
  /** Of the last day that is loaded. */
  loaded: { day: Day; expected: number; stored: number; failed: number; missed: number } | null;
}

export interface FeedCoverageDay {
  feed: string;
  day: Day;
  expected: number;
  stored: number;
  failed: number;
  missed: number;
  stored_percent: number | null;
}

/** All that is known of a station for exchange with others: what is there and when it changed last. */
export interface Location {
  id_cs: number;
  name: string | null;
  address: string | null;
  city: string | null;
  postal_code: string | null;
  country: string | null;
  longitude: number | null;
  latitude: number | null;
  operator: string | null;
  owner: string | null;
  open_24_7: boolean | null;
  opening_hours: OpeningPeriod[] | null;
  last_updated: string;
  points: (Omit<ChargingPoint, 'id_cs'> & {
    is_retired: boolean;
    last_updated: string;
    connectors: (Connector & { last_updated: string })[];
  })[];
}

/** What answers depend on; where it is the same, so are they, but for what people decide. */
export interface State {
  /** Differ as soon as a day is published or somebody has decided otherwise; that of now also when a poll is kept. */
  versions: { days: string; now: string };
  /** The last day that is loaded; null where none is. */
  loaded: Day | null;
}

/** Answers to single questions of many readers: each small, of bounded size, and quick. */
export interface Answers {
  state(): Promise<State>;
  /** The largest first. */
  cities(): Promise<CityNow[]>;
  /** In the order of time. It reads every hour of every charging point in the span. */
  hours(span: Pick<Span, 'from' | 'to'>): Promise<HourOfAll[]>;
  stations(query: StationQuery, page: PageOf): Promise<Station[]>;
  points(query: PointQuery, page: PageOf): Promise<ChargingPoint[]>;
  history(idCp: string, span: Span, page: PageOf): Promise<StatusEvent[]>;
  chargingEvents(query: PlaceQuery, span: Span, page: PageOf): Promise<ChargingEvent[]>;
  /** Of a charging point, or of all that belonged to a station or a city, each in its time. */
  utilization(query: PlaceQuery, span: Span, by: Bucket): Promise<Utilization[]>;
  coverage(query: { feed?: string | undefined }, span: Span, page: PageOf): Promise<FeedCoverageDay[]>;
  feeds(): Promise<FeedNow[]>;
  /** In the order of their keys. */
  locations(query: LocationQuery): Promise<{ locations: Location[]; total: number }>;
  close(): Promise<void>;
}

export interface LocationQuery {
  offset: number;
  limit: number;
  id_cs?: number | undefined;
  /** Those behind this one; then `total` counts these. */
  after?: number | undefined;
  /** Milliseconds since the epoch, of the last change, half-open. */
  changedFrom?: number | undefined;
  changedTo?: number | undefined;
}
