import { existsSync, readFileSync } from 'node:fs';
import type pg from 'pg';
import { LoadRefused } from '../warehouse.js';
import { bind, type Parameters, splitStatements, type Value } from './sql.js';
import { packageUrl } from '../../runtime/paths.js';

export type Database = 'postgres' | 'redshift';

const SQL = packageUrl('sql/');

const statements = new Map<string, readonly string[]>();

/**
 * Returns the statements of a measure: those of `sql/<database>/measures/<name>.sql`, or of `sql/measures/<name>.sql`, which
 * is for both databases.
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
 * Runs the statements of a measure, one by one. Call in a transaction. The columns of the row that a SELECT returns are
 * parameters of the statements after it: such as a day that Redshift is to know before it plans what reads by days.
 *
 * @returns the parameters that are known at the end
 * @throws LoadRefused with the text of a column `refusal`, where a SELECT returns one
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
