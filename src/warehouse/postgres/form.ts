import type pg from 'pg';
import { LoadRefused } from '../warehouse.js';
import { REBUILT } from './schemas.js';

/**
 * Last migration that stores one row for each poll's status. Later migrations store facts as status spans. Only a
 * rebuild can convert the facts of published days.
 */
export const LAST_MIGRATION_WITH_ROWS = 14;

/** Last migration that renamed a table of a load, or added a column to one. This version uses its names. */
const LAST_MIGRATION_OF_NAMES = 20;

/**
 * Check that the tables of the rebuild have the names and the form of this version.
 *
 * @throws LoadRefused when an earlier version of Ladepuls created the tables
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
 * Return whether the published warehouse has days and stores their facts as rows; false if it has no tables yet. Such a
 * warehouse gets no migration after {@link LAST_MIGRATION_WITH_ROWS} and no loads, until a rebuild converts it.
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
