import pg from 'pg';

/** An answer: columns in order, each row's values at the same index. */
export interface QueryResult {
  columns: string[];
  rows: (string | number | boolean | Date | object | null)[][];
}

const INT8_OID = 20;
const NUMERIC_OID = 1700;

/**
 * Runs one statement in a read-only transaction, as the role for readers where there is one. Times are
 * shown in the given zone where the statement makes them text. Throws an Error with Postgres' message.
 */
export async function query(url: string, statement: string, timeZone: string): Promise<QueryResult> {
  const client = new pg.Client({ connectionString: url, application_name: 'ladepuls sql' });
  await client.connect();
  try {
    await client.query('begin read only');
    await client.query(`set local timezone = ${pg.escapeLiteral(timeZone)}`);
    const { rows: roles } = await client.query(`select from pg_roles where rolname = 'ladepuls_reader'`);
    if (roles.length > 0) await client.query('set local role ladepuls_reader');
    const result = await client.query<QueryResult['rows'][number]>({
      text: statement,
      rowMode: 'array',
      queryMode: 'extended', // takes one statement and no more
      types: { getTypeParser: exactNumbers },
    } as pg.QueryArrayConfig);
    return { columns: result.fields.map(({ name }) => name), rows: result.rows };
  } catch (error) {
    throw new Error(describe(error, statement));
  } finally {
    await client.end();
  }
}

/** Counts and sums as numbers where a number holds them exactly; else as Postgres' text. */
function exactNumbers(oid: number, format?: 'text' | 'binary') {
  if (oid !== INT8_OID && oid !== NUMERIC_OID) return pg.types.getTypeParser(oid, format);
  return (text: string) => {
    const number = Number(text);
    return oid === INT8_OID && !Number.isSafeInteger(number) ? text : number;
  };
}

function describe(error: unknown, statement: string): string {
  if (!(error instanceof pg.DatabaseError)) return (error as Error).message;
  const position = Number(error.position ?? NaN);
  const near = Number.isNaN(position) ? '' : ` at "${statement.slice(position - 1, position + 20)}"`;
  return [`${error.message}${near}`, error.hint].filter(Boolean).join('. ');
}
