import { createHash } from 'node:crypto';
import { openPool } from './database.js';
import type { QuerySettings, Statement } from '../queries/query.js';
import { type Queries, QUERIES } from '../queries/registry.js';

export interface QueriesOptions extends QuerySettings {
  /** Greatest number of parallel connections. */
  connections: number;
  /** Longest duration of a statement, in milliseconds. A longer statement fails. */
  timeoutMs: number;
}

/** A query with any parameters. */
interface Asked {
  statement(settings: QuerySettings, ...parameters: never[]): Statement;
}

/**
 * Open the queries of a Postgres database, read-only, as the role `ladepuls_reader` if that exists.
 *
 * @param url connection string of the owner
 */
export function openPostgresQueries(url: string, options: QueriesOptions): Queries {
  const pool = openPool(url, options.connections, {
    // JIT compilation takes longer than any of these statements.
    onOpen: `set default_transaction_read_only = on; set statement_timeout = ${options.timeoutMs}; set jit = off;
      do $$ begin set role ladepuls_reader; exception when others then null; end $$`,
  });
  const prepared = preparing();
  const asking =
    (query: Asked) =>
    async (...parameters: never[]) => {
      const { text, values } = query.statement(options, ...parameters);
      const { rows } = await pool.query<object>({ ...prepared(text), text, values });
      return rows;
    };
  const asked = Object.entries(QUERIES).map(([name, query]) => [name, asking(query)]);
  return { ...(Object.fromEntries(asked) as Omit<Queries, 'close'>), close: () => pool.end() };
}

/**
 * Greatest number of prepared statements for each connection. Each mix of filters is a statement of its own; the number
 * allows for more than the usual mixes.
 */
const MOST_PREPARED = 200;

/**
 * Return a function that names statements. A connection plans a named statement only once, because planning takes
 * longer than most executions.
 */
function preparing(): (text: string) => { name?: string } {
  const names = new Map<string, string>();
  return (text) => {
    const name = names.get(text);
    if (name !== undefined) return { name };
    if (names.size >= MOST_PREPARED) return {};
    names.set(text, createHash('sha1').update(text).digest('hex'));
    return { name: names.get(text) ?? '' };
  };
}
