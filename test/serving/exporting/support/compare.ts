import { isOfDays } from '../../../../src/serving/exporting/selection.js';
import type { Column, Relation } from '../../../../src/warehouse/relation.js';
import { query } from '../../../warehouse/support/query.js';
import type { DuckDb, Rows } from './duckdb.js';

/** Return the expression by which DuckDB reads a table's Parquet files, as people use it. */
export function parquetOf(relation: Relation, folder: string): string {
  return `read_parquet(${filesOf(relation, folder, 'parquet')}, hive_partitioning = ${isOfDays(relation)})`;
}

/** Return the expression by which DuckDB reads a table's CSV files, with all values as unchanged texts. */
export function csvOf(relation: Relation, folder: string): string {
  return `read_csv(${filesOf(relation, folder, 'csv')}, all_varchar = true, header = true, delim = ',', quote = '"',
    escape = '"', allow_quoted_nulls = false, hive_partitioning = false)`;
}

function filesOf(relation: Relation, folder: string, extension: string): string {
  const path = `${folder}/${relation.name}${isOfDays(relation) ? '/*/*' : ''}.${extension}`;
  return `'${path.replaceAll("'", "''")}'`;
}

/** Types that DuckDB must report, by their names in Postgres. */
export const DUCKDB_TYPES: Record<string, string> = {
  varchar: 'VARCHAR',
  text: 'VARCHAR',
  jsonb: 'VARCHAR',
  bool: 'BOOLEAN',
  int2: 'INTEGER',
  int4: 'INTEGER',
  int8: 'BIGINT',
  float8: 'DOUBLE',
  numeric: 'DOUBLE',
  date: 'DATE',
  timestamptz: 'TIMESTAMP WITH TIME ZONE',
  _varchar: 'VARCHAR[]',
};

/** Return all rows of a table in the warehouse: as numbers, and as texts that both databases format alike. */
export async function rowsOfWarehouse(url: string, relation: Relation): Promise<string[]> {
  const from = `${quoted(relation.schema)}.${quoted(relation.name)}`;
  return ordered(
    relation,
    await query(url, `set timezone = 'UTC'`, `select ${comparable(relation)} from ${from}`),
  );
}

/** Return the rows that DuckDB reads, in the form of {@link rowsOfWarehouse}. */
export async function rowsOfFiles(duckDb: DuckDb, relation: Relation, source: string): Promise<string[]> {
  return ordered(relation, await duckDb.ask(`select ${comparable(relation)} from ${source}`));
}

/** Return rows of CSV in the same form. Texts are converted to numbers, so that 1.0 equals 1. */
export async function rowsOfCsv(duckDb: DuckDb, relation: Relation, source: string): Promise<string[]> {
  const columns = relation.columns.map((column) => {
    const name = quoted(column.name);
    if (column.type === 'bool') return `${name}::boolean as ${name}`;
    if (NUMBERS.has(column.type)) return `${name}::double as ${name}`;
    return isList(column) ? name : `${MARKED}${name} as ${name}`;
  });
  return ordered(relation, await duckDb.ask(`select ${columns.join(', ')} from ${source}`));
}

/** Prefix of texts in a query, because DuckDB's driver removes a byte order mark at the beginning of a text. */
const MARKED = `'>' || `;
const NUMBERS = new Set(['float8', 'numeric']);
const isList = ({ type }: Column) => type.startsWith('_');

function comparable({ columns }: Relation): string {
  return columns.map((column) => `${comparableColumn(column)} as ${quoted(column.name)}`).join(', ');
}

function comparableColumn(column: Column): string {
  const name = quoted(column.name);
  if (column.type === 'bool') return name;
  if (NUMBERS.has(column.type)) return `${name}::float8`;
  return isList(column) ? `to_json(${name})::varchar` : `${MARKED}${name}::varchar`;
}

/**
 * Sort the rows, because neither the database nor the files have an order. Non-finite numbers and texts are normalized,
 * because JSON can't express the numbers and has several forms of one text.
 */
function ordered({ columns }: Relation, rows: Rows): string[] {
  const lists = columns.filter(isList).map(({ name }) => name);
  const plain = (_: string, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  return rows
    .map((row) => {
      const read = lists.map((name) => [name, JSON.parse((row[name] as string | null) ?? 'null')] as const);
      return JSON.stringify({ ...row, ...Object.fromEntries(read) }, plain);
    })
    .sort();
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
