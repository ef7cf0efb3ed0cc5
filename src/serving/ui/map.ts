import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { registerMap } from 'echarts/core';
import { feature } from 'topojson-client';
import { drawChart, INK, LINE, SCALE } from './chart.js';
import { formatValue, type ValueKind } from './value.js';

const WIDTH = 560;
const HEIGHT = 700;
/** Numeric code of Germany in ISO 3166-1. */
const GERMANY = '276';
/** Bounds of the whole country, in degrees. */
const COUNTRY = { west: 5.8, east: 15.1, south: 47.2, north: 55.1 };
/** Largest extent of the locations, in degrees, at which the map zooms in on them. */
const NEAR = 3;
/** Ratio of a degree of longitude to a degree of latitude in length, in the middle of Germany. */
const ASPECT = Math.cos((51 * Math.PI) / 180);
const SYMBOL = { least: 5, most: 26 };

/** A location on the map: a station or, for many stations, a city. */
export interface MeasuredLocation {
  name: string;
  /** Coordinates in degrees, EPSG:4326. */
  longitude: number;
  latitude: number;
  stations: number;
  /** Value that the colour shows. */
  measure: number;
}

/**
 * Draw locations on a map of Germany. The size of a location shows its number of stations, and its darkness the
 * measure. Returns null without locations.
 */
export function drawMap(locations: MeasuredLocation[], kind: ValueKind): string | null {
  if (locations.length === 0) return null;
  registerGermany();
  const [low, high] = rangeOf(locations.map(({ measure }) => measure));
  const [, most] = rangeOf(locations.map(({ stations }) => stations));
  const { west, east, south, north } = frameOf(locations);
  return drawChart(
    {
      geo: {
        map: 'Germany',
        roam: false,
        silent: true,
        aspectScale: ASPECT,
        boundingCoords: [
          [west, north],
          [east, south],
        ],
        left: 8,
        right: 8,
        top: 8,
        bottom: 56,
        itemStyle: { areaColor: '#f9fafb', borderColor: LINE },
      },
      visualMap: {
        min: low,
        max: high > low ? high : low + 1,
        dimension: 2,
        orient: 'horizontal',
        left: 'center',
        bottom: 4,
        calculable: false,
        text: [formatValue(high, { kind }), formatValue(low, { kind })],
        inRange: { color: SCALE },
      },
      series: [
        {
          type: 'scatter',
          coordinateSystem: 'geo',
          symbolSize: ([, , , stations = 1]: number[]) =>
            SYMBOL.least + (SYMBOL.most - SYMBOL.least) * Math.sqrt((stations - 1) / Math.max(most, 2)),
          itemStyle: { borderColor: INK, borderWidth: 0.3, opacity: 0.9 },
          // The highest values are drawn last, above the others.
          data: locations
            .toSorted((a, b) => a.measure - b.measure)
            .map(({ name, longitude, latitude, measure, stations }) => ({
              name,
              value: [longitude, latitude, measure, stations],
            })),
        },
      ],
    },
    WIDTH,
    HEIGHT,
  );
}

let isRegistered = false;

/** Register the outline of Germany, from Natural Earth (public domain). */
function registerGermany(): void {
  if (isRegistered) return;
  const path = createRequire(import.meta.url).resolve('world-atlas/countries-50m.json');
  const atlas = JSON.parse(readFileSync(path, 'utf8')) as Parameters<typeof feature>[0];
  const { countries } = atlas.objects;
  if (countries?.type !== 'GeometryCollection') throw new Error(`${path} has no countries`);
  const outlines = countries.geometries.filter(({ id }) => id === GERMANY);
  const germany = feature(atlas, { ...countries, geometries: outlines });
  registerMap('Germany', JSON.stringify(germany));
  isRegistered = true;
}

function rangeOf(values: number[]): [number, number] {
  return values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  );
}

/** Return the bounds of the map: the whole country or, for locations near each other, their surroundings. */
function frameOf(locations: MeasuredLocation[]) {
  const [west, east] = rangeOf(locations.map(({ longitude }) => longitude));
  const [south, north] = rangeOf(locations.map(({ latitude }) => latitude));
  if (east - west > NEAR || north - south > NEAR) return COUNTRY;
  const margin = Math.max(0.02, (north - south) / 10, (east - west) / 10);
  return { west: west - margin, east: east + margin, south: south - margin, north: north + margin };
}
