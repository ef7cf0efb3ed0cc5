import pg from 'pg';

const INT8: number = pg.types.builtins.INT8;
/** Type ids as numbers, because the driver has no names for array types. */
const INT8_ARRAY = 1016;
const TEXT_ARRAY = 1009;

type Parse = (text: string) => unknown;

/** Return the driver's own parser of a type. The cast allows types for which the driver has no names. */
export const driverParser = pg.types.getTypeParser as (oid: number, format?: 'text' | 'binary') => Parse;

/**
 * Type parsers of our connections to Postgres and Redshift. An int8, also in an array, becomes a number if that is
 * exact (ids of stations always are), and otherwise a text. The driver alone would return every int8 as a text. All
 * other types use the driver's parsers.
 */
export const EXACT_INT8 = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): Parse {
    if (format === 'binary') return driverParser(oid, format);
    if (oid === INT8) return readInt8;
    return oid === INT8_ARRAY ? readInt8Array : driverParser(oid, format);
  },
} satisfies pg.CustomTypesConfig;

function readInt8(text: string): number | string {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}

function readInt8Array(text: string): unknown {
  return numbersOf(driverParser(TEXT_ARRAY)(text));
}

/** Convert nested arrays too. Elements may be null. */
function numbersOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(numbersOf);
  return typeof value === 'string' ? readInt8(value) : value;
}
