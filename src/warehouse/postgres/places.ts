import type { Place } from '../measures.js';
import { readPeriod } from './period.js';

/** Reads where every station is that tells it. */
export async function readPlaces(url: string): Promise<Place[]> {
  return readPeriod(
    url,
    `select id_cs::text as key, concat_ws(', ', name, address, city) as name, coalesce(city, '') as city,
       longitude, latitude, 1 as stations
     from charging_station where longitude is not null and latitude is not null`,
    [],
  );
}
