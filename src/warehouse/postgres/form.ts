import type pg from 'pg';
import { LoadRefused } from '../warehouse.js';
import { REBUILT } from './schemas.js';

/**
 * The last migration under which a poll's status is a row of its own. Later ones store facts as status spans, which only
 * a rebuild brings the facts of published days into.
 */
export const LAST_MIGRATION_WITH_ROWS = 14;

/** The last migration that renamed a table of a load. Statements of this version use its names. */
const LAST_MIGRATION_OF_NAMES = 17;

/**
 * Throws LoadRefused where an earlier version of Ladepuls has made the tables that a rebuild fills, and so under other names or
 * in another form.
 */
export async function requireRebuiltForm(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ version: number }>(
    `select max(version)::int as version from ${REBUILT.warehouse}.schema_version`,
  );
  if ((rows[0]?.version ?? 0) < LAST_MIGRATION_OF_NAMES)
    throw new LoadRefused(
      'An earlier version of Ladepuls began this rebuild. Run "ladepuls rebuild" again; the warehouse stays as it is until then.',
    );
}

/**
 * Returns whether the published warehouse has days and stores their facts as rows. Such a warehouse gets no migration
 * after {@link LAST_MIGRATION_WITH_ROWS}, and no loads: a rebuild brings it over. False where there are no tables yet.
 */
export async function storesRows(client: pg.ClientBase | pg.Pool): Promise<boolean> {
  const { rows: tables } = await client.query<{ there: boolean }>(
    `select to_regclass('public.schema_version') is not null and to_regclass('ops.day_revision') is not null as there`,
  );
  if (!tables[0]?.there) return false;
  const { rows } = await client.query<{ rows: boolean }>(
    `select (select max(version) from public.schema_version) <= $1 and exists (select from ops.day_revision) as rows`,
    [LAST_MIGRATION_WITH_ROWS],
  );
  return rows[0]?.rows ?? false;
}
