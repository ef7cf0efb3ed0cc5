import { csv, spreadsheetCsv } from './csv.js';
import type { Format } from './format.js';
import type { StationFormatName, TableFormatName } from './names.js';
import { parquet } from './parquet/format.js';
import { geojson, ocpi, type StationFormat } from './stationFormats.js';

/** Every format of tables, by its name. */
export const FORMATS: Record<TableFormatName, Format> = { parquet, csv };
/** Those whose files people may open in a spreadsheet, made harmless for it. */
export const SPREADSHEET_FORMATS: Partial<Record<TableFormatName, Format>> = { csv: spreadsheetCsv };
/** Every format of stations, by its name. */
export const STATION_FORMATS: Record<StationFormatName, StationFormat> = { ocpi, geojson };
