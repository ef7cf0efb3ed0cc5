import pg from 'pg';
import { withClient } from './connection.js';
import { driverParser, EXACT_INT8 } from './int8.js';

/** Result of a query: the names of its columns, and each row's values in the same order. */
export interface QueryResult {
  columns: string[];
  rows: (string | number | boolean | object | null)[][];
}

const { DATE, TIMESTAMP, TIMESTAMPTZ, INTERVAL } = pg.types.builtins;
const NUMERIC: number = pg.types.builtins.NUMERIC;
const TIMES: ReadonlySet<number> = new Set([DATE, TIMESTAMP, TIMESTAMPTZ, INTERVAL]);
/** Greatest number of digits with which a decimal number is exact as a JavaScript number. */
const EXACT_DIGITS = 15;
/** Type ids of arrays of dates and times. The driver has no names for array types. */
const TIME_ARRAYS: ReadonlySet<number> = new Set([1182, 1115, 1185, 1187]);
const TEXT_ARRAY = 1009;
const QUERY_CANCELED = '57014';

/**
 * Run one statement in a read-only transaction.
 *
 * @param prepare sets up the transaction before the statement runs
 * @throws Error with the server's message when the statement fails
 */
export async function readOnce(
  url: string,
  statement: string,
  prepare: (client: pg.Client) => Promise<void>,
): Promise<QueryResult> {
  return withClient(url, 'ladepuls sql', async (client) => {
    try {
      await client.query('begin read only');
      await prepare(client);
      const result = await client.query<QueryResult['rows'][number]>({
        text: statement,
        rowMode: 'array',
        queryMode: 'extended', // rejects several statements in one text
        types: { getTypeParser: exactParser },
      } as pg.QueryArrayConfig);
      return { columns: result.fields.map(({ name }) => name), rows: result.rows };
    } catch (error) {
      throw new Error(describe(error, statement), { cause: error });
    }
  });
}

/**
 * Return numbers as JavaScript numbers if these are exact, otherwise as text. Return dates and times as Postgres' text.
 */
function exactParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (TIMES.has(oid)) return (text) => text;
  if (TIME_ARRAYS.has(oid)) return driverParser(TEXT_ARRAY, format);
  if (oid === NUMERIC) return (text) => (digits(text) <= EXACT_DIGITS ? Number(text) : text);
  return EXACT_INT8.getTypeParser(oid, format);
}

/**
 * Count the digits of a number without leading zeros. Return Infinity if the text is not a plain number, such as NaN.
 */
function digits(text: string): number {
  return /^-?[\d.]+$/.test(text) ? text.replaceAll(/[-.]/g, '').replace(/^0+/, '').length : Infinity;
}

function hintOf({ code, message }: pg.DatabaseError): string | undefined {
  return code === QUERY_CANCELED && message.includes('statement timeout')
    ? 'LADEPULS_READER_STATEMENT_TIMEOUT sets the time limit of a statement; a change takes effect at the next start'
    : undefined;
}

function describe(error: unknown, statement: string): string {
  if (!(error instanceof pg.DatabaseError)) return (error as Error).message;
  const position = Number(error.position ?? NaN);
  const near = Number.isNaN(position) ? '' : ` at "${statement.slice(position - 1, position + 20)}"`;
  return [`${error.message}${near}`, error.hint ?? hintOf(error)].filter(Boolean).join('. ');
}
