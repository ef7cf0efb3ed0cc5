import { iso, isFresh, type StationNow } from './now.js';
import type { Query } from './query.js';

/** Current number of charging points in each state, in all stations of a city that are in service. */
export interface CityNow extends StationNow {
  /** Name of the city; null for stations without a city. */
  city: string | null;
  stations: number;
  /**
   * Mean of the stations' coordinates, in degrees, EPSG:4326 (WGS 84); null if no station has coordinates. The same
   * holds for `latitude`.
   */
  longitude: number | null;
  latitude: number | null;
}

/** Current number of charging points of each city in each state, the largest cities first. */
export const cities: Query<[], CityNow> = {
  columns: [
    'city',
    'stations',
    'longitude',
    'latitude',
    'charging_points',
    'available',
    'occupied',
    'out_of_service',
    'unknown',
    'observed_at',
  ],
  statement: ({ bridgedSlots }) => ({
    text: `
      with seen as (
        select point.id_cs, count(*) as charging_points,
          count(*) filter (where status_group = 'available') as available,
          count(*) filter (where status_group = 'occupied') as occupied,
          count(*) filter (where status_group = 'out_of_service') as out_of_service,
          max(current.slot) as observed_at
        from charging_point as point
        left join current_status as current using (id_cp)
        left join config.status_group as meaning on meaning.status = current.status and ${isFresh('current.slot', '$1')}
        where point.retired_at is null
        group by point.id_cs
      ), city as (
        select station.city, count(*)::int as stations,
          avg(station.longitude) as longitude, avg(station.latitude) as latitude,
          coalesce(sum(charging_points), 0)::int as charging_points,
          coalesce(sum(available), 0)::int as available,
          coalesce(sum(occupied), 0)::int as occupied,
          coalesce(sum(out_of_service), 0)::int as out_of_service,
          max(observed_at) as observed_at
        from charging_station as station
        left join seen using (id_cs)
        where station.retired_at is null
        group by station.city
      )
      select city, stations, longitude, latitude, charging_points, available, occupied, out_of_service,
        charging_points - available - occupied - out_of_service as unknown, ${iso('observed_at')} as observed_at
      from city
      order by charging_points desc, city`,
    values: [bridgedSlots],
  }),
};
