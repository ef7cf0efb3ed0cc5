import { existsSync, readFileSync } from 'node:fs';
import type pg from 'pg';
import { LoadRefused } from '../warehouse.js';
import { bind, type Parameters, splitStatements, type Value } from './sql.js';
import { packageUrl } from '../../runtime/paths.js';

export type Database = 'postgres' | 'redshift';

const SQL = packageUrl('sql/');

const statements = new Map<string, readonly string[]>();

/**
 * Return the statements of a measure, from `sql/<database>/measures/<name>.sql`, or from `sql/measures/<name>.sql` if
 * they are the same for both databases.
 */
export function statementsOf(database: Database, name: string): readonly string[] {
  const key = `${database}/${name}`;
  const known = statements.get(key);
  if (known) return known;
  const own = new URL(`${database}/measures/${name}.sql`, SQL);
  const file = existsSync(own) ? own : new URL(`measures/${name}.sql`, SQL);
  const split = splitStatements(readFileSync(file, 'utf8'));
  statements.set(key, split);
  return split;
}

/**
 * Run the statements of a measure in order. Call in a transaction.
 *
 * The columns of the row that a SELECT returns become parameters of the later statements. For example, Redshift must
 * know a day as a constant before it plans a statement that reads by day.
 *
 * @returns all parameters known after the last statement
 * @throws LoadRefused when a SELECT returns a column `refusal`; the column's text is the message
 */
export async function runMeasure(
  client: pg.PoolClient,
  database: Database,
  name: string,
  parameters: Parameters,
): Promise<Parameters> {
  let known = parameters;
  for (const statement of statementsOf(database, name)) {
    const { rows } = await client.query<Record<string, Value>>(bind(statement, known));
    const [row] = rows;
    if (typeof row?.refusal === 'string') throw new LoadRefused(row.refusal);
    known = { ...known, ...row };
  }
  return known;
}
