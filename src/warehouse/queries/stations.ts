import { iso, isFresh, type StationNow } from './now.js';
import { behind, Parameters, type PageOf, type Query } from './query.js';

/** Radius of a sphere in metres. The error is at most half a percent. */
const EARTH_RADIUS = 6_371_000;
const METRES_PER_DEGREE = (EARTH_RADIUS * Math.PI) / 180;

export interface Station extends StationNow {
  id_cs: number;
  name: string | null;
  address: string | null;
  postal_code: string | null;
  city: string | null;
  country: string | null;
  /** Degrees, EPSG:4326 (WGS 84); `latitude` likewise. */
  longitude: number | null;
  latitude: number | null;
  operator: string | null;
  open_24_7: boolean | null;
  /** Power of the strongest connector, in kW. */
  max_power: number | null;
  power_class: string | null;
  standards: string[];
  /** Distance in metres; only if stations near coordinates are requested. */
  distance?: number;
}

export interface StationQuery {
  /** Bounding box in degrees: west, south, east, north. */
  bbox?: readonly [number, number, number, number] | undefined;
  /** Coordinates in degrees, and radius in metres. The nearest stations come first. */
  near?: { longitude: number; latitude: number; radius: number } | undefined;
  city?: string | undefined;
  postal_code?: string | undefined;
  operator?: string | undefined;
  /** Least power of the strongest connector, in kW. */
  min_power?: number | undefined;
  power_class?: string | undefined;
  standard?: string | undefined;
  /** Return only stations with a charging point that is available now. */
  free?: boolean | undefined;
  id_cs?: number | undefined;
}

/** A page of stations that are in service, sorted by id, or the nearest first. */
export const stations: Query<[query: StationQuery, page: PageOf], Station> = {
  columns: [
    'id_cs',
    'name',
    'address',
    'postal_code',
    'city',
    'country',
    'longitude',
    'latitude',
    'operator',
    'open_24_7',
    'max_power',
    'power_class',
    'standards',
    'charging_points',
    'available',
    'occupied',
    'out_of_service',
    'unknown',
    'observed_at',
  ],
  statement({ bridgedSlots }, query, page) {
    const parameters = new Parameters();
    const bridged = parameters.add(bridgedSlots);
    const { near } = query;
    const distance = near ? distanceTo(near, parameters) : null;
    const box = query.bbox ?? (near && boxAround(near));
    const text = `
      select station.id_cs, station.name, station.address, station.postal_code, station.city, station.country,
        station.longitude, station.latitude, ${OPERATOR} as operator, station.open_24_7,
        equipment.max_power, equipment.power_class, coalesce(equipment.standards, '{}') as standards,
        live.charging_points, live.available, live.occupied, live.out_of_service,
        live.charging_points - live.available - live.occupied - live.out_of_service as unknown,
        ${iso('live.observed_at')} as observed_at
        ${distance ? `, round(distance)::int as distance, distance as "exactDistance"` : ''}
      from charging_station as station
      ${SPELLING}
      ${distance ? `cross join lateral (select ${distance} as distance) as near_by` : ''}
      cross join lateral (
        select count(*)::int as charging_points,
          count(*) filter (where fresh and status_group = 'available')::int as available,
          count(*) filter (where fresh and status_group = 'occupied')::int as occupied,
          count(*) filter (where fresh and status_group = 'out_of_service')::int as out_of_service,
          max(slot) as observed_at
        from (
          select current.slot, meaning.status_group, ${isFresh('current.slot', bridged)} as fresh
          from charging_point as point
          left join current_status as current using (id_cp)
          left join config.status_group as meaning using (status)
          where point.id_cs = station.id_cs and point.retired_at is null
        ) as seen
      ) as live
      cross join lateral (
        select max(connector.max_power) as max_power, ${POWER_CLASS} as power_class,
          array_agg(distinct connector.standard order by connector.standard)
            filter (where connector.standard is not null) as standards
        from charging_point as point
        join connector using (id_cp)
        where point.id_cs = station.id_cs and point.retired_at is null and connector.retired_at is null
      ) as equipment
      where station.retired_at is null and ${parameters.where({
        'station.id_cs = ?': query.id_cs,
        'station.longitude >= ?': box?.[0],
        'station.latitude >= ?': box?.[1],
        'station.longitude <= ?': box?.[2],
        'station.latitude <= ?': box?.[3],
        'lower(station.city) = lower(?)': query.city,
        'station.postal_code = ?': query.postal_code,
        [`lower(${OPERATOR}) = lower(?)`]: query.operator,
        'equipment.max_power >= ?::float8': query.min_power,
        'equipment.power_class = ?': query.power_class,
        '? = any (equipment.standards)': query.standard,
        'live.available >= ?': query.free ? 1 : undefined,
        'distance <= ?': near?.radius,
      })} and ${behind(page.after, distance ? ['distance', 'station.id_cs'] : ['station.id_cs'], parameters)}
      order by ${distance ? 'distance, ' : ''}station.id_cs
      limit ${parameters.add(page.limit)}`;
    return { text, values: parameters.values };
  },
};

/** Expression for the name of a station's operator; expects the join {@link SPELLING}. */
export const OPERATOR = 'coalesce(spelling.operator, station.operator_name)';
export const SPELLING =
  'left join config.operator_spelling as spelling on spelling.spelling = station.operator_name';
/**
 * Expression for the power class of a station, from all its connectors in service: HPC if one has at least 150 kW.
 * The view `charging_point_as_was` has the same expression for the connectors of one charging point.
 */
const POWER_CLASS = `case
  when max(connector.max_power) >= 150 then 'HPC'
  when bool_or(connector.power_type like 'DC%') then 'DC'
  when bool_or(connector.power_type like 'AC%') then 'AC'
end`;

type Near = NonNullable<StationQuery['near']>;

/** Return an expression for the distance from coordinates to the station in metres, by the haversine formula. */
function distanceTo({ longitude, latitude }: Near, parameters: Parameters): string {
  const [lon, lat] = [`${parameters.add(longitude)}::float8`, `${parameters.add(latitude)}::float8`];
  return `2 * ${EARTH_RADIUS} * asin(least(1, sqrt(
    sin(radians(station.latitude - ${lat}) / 2) ^ 2
    + cos(radians(${lat})) * cos(radians(station.latitude)) * sin(radians(station.longitude - ${lon}) / 2) ^ 2
  )))`;
}

/** Return a bounding box of the circle, so that an index finds the stations within. */
function boxAround({ longitude, latitude, radius }: Near): [number, number, number, number] {
  const dLat = radius / METRES_PER_DEGREE;
  // Near the poles, the box includes all longitudes.
  const narrowest = Math.cos((Math.min(Math.abs(latitude) + dLat, 89) * Math.PI) / 180);
  const dLon = radius / (METRES_PER_DEGREE * narrowest);
  return [longitude - dLon, latitude - dLat, longitude + dLon, latitude + dLat];
}
