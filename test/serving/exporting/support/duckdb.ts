import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

export type Rows = Record<string, unknown>[];

/** A DuckDB in memory, in UTC: what a reader sees of files. */
export interface DuckDb {
  /** Runs a query. Texts, truths and numbers are JavaScript's own. */
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
