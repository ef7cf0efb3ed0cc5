/** The city in which a feed's simulated stations are. */
export interface City {
  feed: string;
  city: string;
  /** Centre of the city, in degrees (EPSG:4326). */
  latitude: number;
  longitude: number;
  /** The first three digits of its postal codes. */
  postalArea: string;
  /** The operator's code in the EVSE-IDs of the feed. */
  evseOperator: string;
  /** Default number of stations: as many as the real feed had in January 2022. */
  stations: number;
}

type Row = [
  feed: string,
  city: string,
  latitude: number,
  longitude: number,
  postalArea: string,
  evseOperator: string,
  stations: number,
];

const ROWS: [Row, ...Row[]] = [
  ['koeln', 'Köln', 50.9375, 6.9603, '506', 'SKO', 168],
  ['dortmund', 'Dortmund', 51.5136, 7.4653, '441', 'SDO', 160],
  ['bonn', 'Bonn', 50.7374, 7.0982, '531', 'SBO', 89],
  ['muenster', 'Münster', 51.9607, 7.6261, '481', 'SMU', 20],
  ['kiel', 'Kiel', 54.3233, 10.1228, '241', 'SKI', 48],
  ['chemnitz', 'Chemnitz', 50.8278, 12.9214, '091', 'SCH', 51],
  ['krefeld', 'Krefeld', 51.3388, 6.5853, '477', 'SKR', 18],
  ['leverkusen', 'Leverkusen', 51.0459, 7.0192, '513', 'SLE', 11],
  ['heidelberg', 'Heidelberg', 49.3988, 8.6724, '691', 'SHE', 46],
  ['solingen', 'Solingen', 51.1652, 7.0671, '426', 'SSO', 33],
  ['ingolstadt', 'Ingolstadt', 48.7665, 11.4258, '850', 'SIN', 27],
  ['pforzheim', 'Pforzheim', 48.8922, 8.6946, '751', 'SPF', 37],
  ['goettingen', 'Göttingen', 51.5413, 9.9158, '370', 'SGO', 50],
  ['erlangen', 'Erlangen', 49.5897, 11.0119, '910', 'SER', 10],
  ['tuebingen', 'Tübingen', 48.5216, 9.0576, '720', 'STU', 33],
  ['bayreuth', 'Bayreuth', 49.9456, 11.5713, '954', 'SBA', 7],
  ['bocholt', 'Bocholt', 51.8388, 6.6153, '463', 'SBC', 12],
  ['dormagen', 'Dormagen', 51.0946, 6.8408, '415', 'SDM', 11],
  ['rastatt', 'Rastatt', 48.8586, 8.2096, '764', 'SRA', 11],
  ['hof', 'Hof', 50.313, 11.9128, '950', 'SHO', 6],
  ['weinheim', 'Weinheim', 49.5494, 8.6662, '694', 'SWE', 11],
  ['bruchsal', 'Bruchsal', 49.1243, 8.598, '766', 'SBR', 62],
  ['nettetal', 'Nettetal', 51.3167, 6.2833, '413', 'SNE', 4],
  ['ansbach', 'Ansbach', 49.3004, 10.5719, '915', 'SAN', 9],
  ['schwabach', 'Schwabach', 49.3292, 11.0236, '911', 'SSW', 9],
  ['ettlingen', 'Ettlingen', 48.9413, 8.4077, '762', 'SET', 20],
  ['crailsheim', 'Crailsheim', 49.1344, 10.0722, '745', 'SCR', 5],
  ['deggendorf', 'Deggendorf', 48.8409, 12.9607, '944', 'SDE', 5],
  ['forchheim', 'Forchheim', 49.7196, 11.0588, '913', 'SFO', 19],
  ['bretten', 'Bretten', 49.0372, 8.7079, '750', 'SBT', 3],
  ['buehl', 'Bühl', 48.6953, 8.135, '778', 'SBU', 7],
  ['zirndorf', 'Zirndorf', 49.4425, 10.9541, '905', 'SZI', 1],
  ['roth', 'Roth', 49.2465, 11.0911, '911', 'SRO', 5],
  ['calw', 'Calw', 48.7144, 8.7394, '753', 'SCA', 122],
  ['herzogenaurach', 'Herzogenaurach', 49.5703, 10.8852, '910', 'SHZ', 18],
  ['wertheim', 'Wertheim', 49.759, 9.508, '978', 'SWT', 7],
  ['kitzingen', 'Kitzingen', 49.7392, 10.1617, '973', 'SKT', 2],
  ['lichtenfels', 'Lichtenfels', 50.1458, 11.0593, '962', 'SLI', 5],
  ['SW-Stuttgart', 'Stuttgart', 48.7758, 9.1829, '701', 'SST', 60],
];

/** The 38 feeds of the original collection and the one of 2024. */
export const CITIES: readonly City[] = ROWS.map(
  ([feed, city, latitude, longitude, postalArea, evseOperator, stations]) => ({
    feed,
    city,
    latitude,
    longitude,
    postalArea,
    evseOperator,
    stations,
  }),
);
