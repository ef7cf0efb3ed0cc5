import { examineEach, type QualityRule } from '../rule.js';

/**
 * Box around Germany's northernmost, southernmost, westernmost and easternmost points, in degrees, rounded outwards.
 */
const BOX = { south: 47.27, north: 55.06, west: 5.86, east: 15.05 };

export const inGermany: QualityRule = {
  name: 'in_germany',
  meaning:
    'The coordinates of a station in Germany are within its box: 47.27 to 55.06 north, 5.86 to 15.05 east.',
  subject: 'charging_station',
  severity: 'warning',
  threshold: 0.005,
  examine: examineEach('charging_station', {
    passes: `latitude between ${BOX.south} and ${BOX.north} and longitude between ${BOX.west} and ${BOX.east}`,
    value: `coalesce(cast(latitude as varchar(32)), '?') || ' north, ' || coalesce(cast(longitude as varchar(32)), '?') || ' east'`,
    where: `(latitude is not null or longitude is not null) and coalesce(country, 'DE') = 'DE'`,
  }),
};
