import { csv, spreadsheetCsv } from './csv.js';
import type { Format } from './format.js';
import type { StationFormatName, TableFormatName } from './names.js';
import { parquet } from './parquet/format.js';
import { geojson, ocpi, type StationFormat } from './stationFormats.js';

/** Formats of tables, by name. */
export const FORMATS: Record<TableFormatName, Format> = { parquet, csv };
/** Formats whose files people may open in a spreadsheet, with formulas neutralized. */
export const SPREADSHEET_FORMATS: Partial<Record<TableFormatName, Format>> = { csv: spreadsheetCsv };
/** Formats of stations, by name. */
export const STATION_FORMATS: Record<StationFormatName, StationFormat> = { ocpi, geojson };
