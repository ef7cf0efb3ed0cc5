import type { Station } from '../../warehouse/queries/stations.js';

/** RFC 7946. */
export interface FeatureCollection {
  type: 'FeatureCollection';
  features: {
    type: 'Feature';
    id: number;
    geometry: { type: 'Point'; coordinates: [longitude: number, latitude: number] } | null;
    properties: Omit<Station, 'longitude' | 'latitude'>;
  }[];
}

/** Stations as GeoJSON; one that does not say where it is has no geometry. */
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
