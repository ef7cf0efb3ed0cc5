import { withClient } from '../connection.js';
import { readMigrations } from '../migrations.js';

/** The last migration of a warehouse, and the last migration of this release. */
export interface MigrationState {
  /** Number of the last applied migration; 0 if the warehouse has no tables yet. */
  applied: number;
  newest: number;
}

/**
 * Read the last migration of a warehouse, without any change to it.
 *
 * @throws Error when the warehouse does not respond
 */
export async function readMigrationState(url: string): Promise<MigrationState> {
  const applied = await withClient(url, 'ladepuls doctor', async (client) => {
    const { rows: tables } = await client.query<{ there: boolean }>(
      `select to_regclass('public.schema_version') is not null as there`,
    );
    if (!tables[0]?.there) return 0;
    const { rows } = await client.query<{ version: number | null }>(
      'select max(version)::int as version from public.schema_version',
    );
    return rows[0]?.version ?? 0;
  });
  return { applied, newest: (await readMigrations('postgres')).at(-1)?.version ?? 0 };
}
