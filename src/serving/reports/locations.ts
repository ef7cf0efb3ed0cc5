import { readLocations as readStations, type Location } from '../../warehouse/open.js';
import type { MeasuredLocation } from '../ui/map.js';
import { type ReportName, REPORTS } from './names.js';
import { lengthOf, type Period } from './period.js';
import { DEFINITIONS } from './registry.js';

/** Number of stations above which the map shows cities instead of stations. */
const MOST_STATIONS = 2_000;

/**
 * Read the known locations of a report's rows, with their measures. Returns none for a report that does not measure
 * stations.
 */
export async function readLocations(
  url: string,
  { name, period }: { name: ReportName; period: Period },
): Promise<MeasuredLocation[]> {
  if (!REPORTS[name].some((by) => by === 'station')) return [];
  const read = async (by: 'station' | 'city') => {
    const measured = await DEFINITIONS[name].read(url, { ...period, by, bucketDays: lengthOf(period) });
    return measured.filter(({ isTotal, bucket }) => !isTotal && bucket === 0);
  };
  const stations = await readStations(url);
  const locations = stations.length > MOST_STATIONS ? citiesOf(stations) : stations;
  const byKey = new Map(locations.map((location) => [location.key, location]));
  const measured = await read(locations === stations ? 'station' : 'city');
  return measured.flatMap(({ key, measure }) => {
    const location = byKey.get(key);
    if (!location || measure === null) return [];
    const { name: locationName, longitude, latitude, stations: count } = location;
    return [{ name: locationName, longitude, latitude, stations: count, measure }];
  });
}

/** Combine stations to cities; a city's location is the mean of its stations' coordinates. */
function citiesOf(stations: Location[]): Location[] {
  const byCity = new Map<string, Location[]>();
  for (const station of stations) byCity.set(station.city, [...(byCity.get(station.city) ?? []), station]);
  return [...byCity].map(([city, all]) => ({
    key: city,
    name: city,
    city,
    longitude: all.reduce((sum, { longitude }) => sum + longitude, 0) / all.length,
    latitude: all.reduce((sum, { latitude }) => sum + latitude, 0) / all.length,
    stations: all.length,
  }));
}
