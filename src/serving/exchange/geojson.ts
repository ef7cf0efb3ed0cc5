import type { Station } from '../../warehouse/queries/stations.js';

/** GeoJSON of stations as RFC 7946 defines it. */
export interface FeatureCollection {
  type: 'FeatureCollection';
  features: {
    type: 'Feature';
    id: number;
    geometry: { type: 'Point'; coordinates: [longitude: number, latitude: number] } | null;
    properties: Omit<Station, 'longitude' | 'latitude'>;
  }[];
}

/** Convert stations to GeoJSON. A station without coordinates has no geometry. */
export function toGeoJson(stations: readonly Station[]): FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: stations.map(({ longitude, latitude, ...properties }) => ({
      type: 'Feature',
      id: properties.id_cs,
      geometry:
        longitude === null || latitude === null
          ? null
          : { type: 'Point', coordinates: [longitude, latitude] },
      properties,
    })),
  };
}
