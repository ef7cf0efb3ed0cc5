import { readPlaces as readStations, type Place } from '../../warehouse/open.js';
import type { MeasuredPlace } from '../ui/map.js';
import { type ReportName, REPORTS } from './names.js';
import { lengthOf, type Period } from './period.js';
import { DEFINITIONS } from './registry.js';

/** More stations than these are shown city by city. */
const MOST_STATIONS = 2_000;

/** Reads where what a report measures is, as far as that is known; nothing where it does not measure stations. */
export async function readPlaces(
  url: string,
  { name, period }: { name: ReportName; period: Period },
): Promise<MeasuredPlace[]> {
  if (!REPORTS[name].some((by) => by === 'station')) return [];
  const read = async (by: 'station' | 'city') => {
    const measured = await DEFINITIONS[name].read(url, { ...period, by, bucketDays: lengthOf(period) });
    return measured.filter(({ isTotal, bucket }) => !isTotal && bucket === 0);
  };
  const stations = await readStations(url);
  const places = stations.length > MOST_STATIONS ? citiesOf(stations) : stations;
  const byKey = new Map(places.map((place) => [place.key, place]));
  const measured = await read(places === stations ? 'station' : 'city');
  return measured.flatMap(({ key, measure }) => {
    const place = byKey.get(key);
    if (!place || measure === null) return [];
    const { name: placeName, longitude, latitude, stations: count } = place;
    return [{ name: placeName, longitude, latitude, stations: count, measure }];
  });
}

/** Each city in the middle of its stations. */
function citiesOf(stations: Place[]): Place[] {
  const byCity = new Map<string, Place[]>();
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
