import pg from 'pg';

const INT8: number = pg.types.builtins.INT8;
/** The driver has no names for arrays' types. */
const INT8_ARRAY = 1016;
const TEXT_ARRAY = 1009;

type Parse = (text: string) => unknown;

/** The driver's own parsers, also for types that it has no names for. */
export const driverParser = pg.types.getTypeParser as (oid: number, format?: 'text' | 'binary') => Parse;

/**
 * How our connections read what Postgres and Redshift answer: int8 and its arrays as numbers where these are exact, as those of
 * stations always are, else as the database's text. The driver alone would make a text of each. All other types are read as the
 * driver does.
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

/** Arrays may stand in arrays, and null in each. */
function numbersOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(numbersOf);
  return typeof value === 'string' ? readInt8(value) : value;
}
