import { toGeoJson } from '../exchange/geojson.js';
import { toOcpi } from '../exchange/ocpi.js';
import { toLocations } from '../../warehouse/queries/locations.js';
import type { Queries } from '../../warehouse/queries/registry.js';

/** Number of stations that are read in one query. */
const STATIONS_AT_ONCE = 500;

/** Format of a file of all stations in service, with their current availability. */
export interface StationFormat {
  /** File name. */
  file: string;
  /**
   * Yield the text of the file in pieces, in constant memory.
   *
   * @param onRows receives the number of further stations, as they are read
   */
  write(
    queries: Queries,
    options: { timeZone: string; onRows: (rows: number) => void },
  ): AsyncGenerator<string>;
}

/** OCPI 2.2.1 Locations as a JSON array: the elements of `data` in the API, over all pages. */
export const ocpi: StationFormat = {
  file: 'locations.json',
  async *write(queries, { timeZone, onRows }) {
    const read = async (after: number | undefined) => {
      const rows = await queries.locations({ offset: 0, limit: STATIONS_AT_ONCE, after });
      return toLocations(rows).locations;
    };
    yield '[';
    yield* pieces(read, (location) => toOcpi(location, timeZone), onRows);
    yield ']\n';
  },
};

/** GeoJSON FeatureCollection (RFC 7946). */
export const geojson: StationFormat = {
  file: 'stations.geojson',
  async *write(queries, { onRows }) {
    const read = (after: number | undefined) =>
      queries.stations({}, { limit: STATIONS_AT_ONCE, after: after === undefined ? undefined : [after] });
    yield '{"type":"FeatureCollection","features":[';
    yield* pieces(read, (station) => toGeoJson([station]).features[0] ?? null, onRows);
    yield ']}\n';
  },
};

/** Yield the elements of a JSON array from all pages, one element on each line. */
async function* pieces<Row extends { id_cs: number }>(
  read: (after: number | undefined) => Promise<Row[]>,
  toElement: (row: Row) => object | null,
  onRows: (rows: number) => void,
): AsyncGenerator<string> {
  let separator = '\n';
  for (let after: number | undefined; ;) {
    const rows = await read(after);
    const elements = rows.map(toElement).filter((element) => element !== null);
    if (elements.length > 0) {
      yield separator + elements.map((element) => JSON.stringify(element)).join(',\n');
      separator = ',\n';
    }
    onRows(elements.length);
    after = rows.at(-1)?.id_cs;
    if (after === undefined) return;
  }
}
