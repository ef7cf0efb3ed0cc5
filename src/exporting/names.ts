/** The formats that `ladepuls export` writes. */
export const FORMAT_NAMES = ['parquet', 'csv'] as const;

export type FormatName = (typeof FORMAT_NAMES)[number];
