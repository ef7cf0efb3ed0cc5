/** Formats in which `ladepuls export` writes tables. */
const TABLE_FORMAT_NAMES = ['parquet', 'csv'] as const;
/** Formats in which `ladepuls export` writes stations. */
const STATION_FORMAT_NAMES = ['ocpi', 'geojson'] as const;
export const FORMAT_NAMES = [...TABLE_FORMAT_NAMES, ...STATION_FORMAT_NAMES] as const;

export type TableFormatName = (typeof TABLE_FORMAT_NAMES)[number];
export type StationFormatName = (typeof STATION_FORMAT_NAMES)[number];
export type FormatName = TableFormatName | StationFormatName;
