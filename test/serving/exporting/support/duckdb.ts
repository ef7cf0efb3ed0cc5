import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

export type Rows = Record<string, unknown>[];

/** A DuckDB in memory, in UTC, that reads files as a user does. */
export interface DuckDb {
  /** Run a query. Texts, booleans and numbers are JavaScript values. */
  ask(query: string): Promise<Rows>;
  close(): void;
}

export async function openDuckDb(): Promise<DuckDb> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection: DuckDBConnection = await instance.connect();
  await connection.run(`set timezone = 'UTC'`);
  return {
    ask: async (query) => (await connection.runAndReadAll(query)).getRowObjectsJS(),
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
