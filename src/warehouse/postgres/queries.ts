import { createHash } from 'node:crypto';
import { openPool } from './database.js';
import type { QuerySettings, Statement } from '../queries/query.js';
import { type Queries, QUERIES } from '../queries/registry.js';

export interface QueriesOptions extends QuerySettings {
  /** Connections at once. */
  connections: number;
  /** A statement that takes longer fails. */
  timeoutMs: number;
}

/** A query as far as it is asked: whatever it is asked with. */
interface Asked {
  statement(settings: QuerySettings, ...parameters: never[]): Statement;
}

/**
 * Opens the queries of a Postgres database, by the connection string of its owner: read-only, as the role for readers where
 * there is one.
 */
export function openPostgresQueries(url: string, options: QueriesOptions): Queries {
  const pool = openPool(url, options.connections, {
    // Compiling takes longer than any of these statements.
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

/** Statements that each connection keeps planned. There are some more than can be thought of, one for each mix of filters. */
const MOST_PREPARED = 200;

/** Names statements, by which each connection plans them once: planning takes longer than most of them. */
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
