/** Names and texts of simulated stations, in the style of real ones, including their mistakes. */

export const STREETS = [
  'Bahnhofstraße',
  'Hauptstraße',
  'Schulstraße',
  'Am Marktplatz',
  'Gartenstraße',
  'Goethestraße',
  'Schillerstraße',
  'Lindenallee',
  'Rathausplatz',
  'Industriestraße',
  'Kirchgasse',
  'Bergstraße',
  'Mühlenweg',
  'Friedrich-Ebert-Straße',
  'Theodor-Heuss-Ring',
  'An der alten Post',
  'Straße des 17. Juni',
  'Große Bleiche',
] as const;

export const PLACES = [
  'Parkplatz',
  'Parkhaus',
  'P+R',
  'Rathaus',
  'Stadthalle',
  'Freibad',
  'Klinikum',
  'Lichtmast',
  'Tiefgarage "Mitte"',
  'E-Bike & Auto',
] as const;

export const DIRECTIONS = [
  '\r\ngrüner Mast mit Beschilderung vor Hausnummer 18. \r\nBitte beachten Sie die Parkscheibenpflicht; werktags 2 Stunden.',
  'Zufahrt nur über die "Gartenstraße";Kreuzung beachten',
  'Bitte beachten Sie ggf. anfallende Parkgebühren des Parkhauses.',
  'Detaillierte Informationen zum Tarif und zur Blockiergebühr finden Sie auf der Internetseite des Betreibers.',
  'Von der Autobahn kommend nehmen Sie die Ausfahrt Mitte,\r\nnach 500 m rechts;\r\ndie Ladesäule steht hinter der Schranke.',
] as const;

export const FLOOR_LEVELS = [
  'EG',
  'Parkdeck 1',
  'Parkdeck 1 ',
  'Straße / Parkbucht',
  'Tiefgarage',
  '-1',
] as const;

export const POINT_POSITIONS = [
  ['links', 'rechts'],
  ['left', 'right'],
  ['Links', 'Rechts '],
  ['linke Seite', 'rechte Seite'],
] as const;

export const STATION_POSITIONS = [
  'Parkplatz',
  'Öffentlicher Parkplatz',
  'Wallbox 2 ',
  'Neben Kassenhäuschen',
] as const;

export const OWNERS = ['Stadt', 'Parkraum GmbH & Co. KG', 'Möbelhaus "Süd"'] as const;

/** Operators with stations in many feeds, with the spellings that occur. */
export const NATIONAL_OPERATORS = [
  { evseOperator: 'SNL', spellings: ['Nordlicht Mobilität GmbH', 'Nordlicht Mobilitaet GmbH', 'Nordlicht'] },
  { evseOperator: 'SPS', spellings: ['ParkStrom AG', 'Parkstrom AG', ' ParkStrom AG'] },
] as const;

interface Period {
  weekday: number | 'holiday';
  period_begin: string;
  period_end: string;
}

function periods(weekdays: Period['weekday'][], begin: string, end: string): Period[] {
  return weekdays.map((weekday) => ({ weekday, period_begin: `${begin}:00`, period_end: `${end}:00` }));
}

/** Opening hours of stations that are not always open: those of shops, no hours at all, all day, and past midnight. */
export const REGULAR_HOURS: readonly Period[][] = [
  periods([1, 2, 3, 4, 5, 6], '07:00', '22:00'),
  [...periods([1, 2, 3, 4, 5], '07:15', '18:30'), ...periods([6], '10:00', '14:00')],
  [],
  periods([1, 2, 3, 4, 5, 6, 7, 'holiday'], '00:00', '00:00'),
  [...periods([1, 2, 3, 4], '08:00', '20:00'), ...periods([5, 6], '18:00', '02:00')],
];
