import type { Location } from '../measures.js';
import { asText, joined, readPeriod } from './period.js';

/** Read the location of every station that has coordinates. */
export async function readLocations(url: string): Promise<Location[]> {
  return readPeriod(
    url,
    `select ${asText('id_cs')} as key, ${joined('name', 'address', 'city')} as name, coalesce(city, '') as city,
       longitude, latitude, 1 as stations
     from public.charging_station where longitude is not null and latitude is not null`,
    [],
  );
}
