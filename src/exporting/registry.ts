import { csv } from './csv.js';
import type { Format } from './format.js';
import type { FormatName } from './names.js';
import { parquet } from './parquet/format.js';

/** Every format, by its name. */
export const FORMATS: Record<FormatName, Format> = { parquet, csv };
