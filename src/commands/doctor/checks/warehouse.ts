import { HOW_TO_REBUILD, AWAITS_REBUILD } from '../../../domain/awaitsRebuild.js';
import { isRedshift } from '../../../domain/warehouseAddress.js';
import { query, readLoadedState, readMigrationState } from '../../../warehouse/open.js';
import { explainDatabaseError } from '../databaseError.js';
import type { Check, Subject } from '../check.js';
import { type Finding, ok, problem, warning } from '../finding.js';

/** Check that the warehouse responds, that its tables are migrated, and that readers can log in. */
export const warehouse: Check = {
  name: 'warehouse',
  needs: 'settings',
  limitSeconds: 40, // a sleeping Redshift takes 30 seconds to wake
  async look(subject) {
    const { config, owner } = subject;
    const url = config.warehouse.url ?? (await owner())?.addresses?.postgresUrl;
    if (url === undefined) return [ok('No Postgres runs on this home; "ladepuls start" starts one.')];
    const setting = config.warehouse.url === undefined ? null : 'DATABASE_URL';
    let state;
    try {
      state = await readLoadedState(url);
    } catch (error) {
      return [explainDatabaseError(error, 'The warehouse', setting)];
    }
    return [
      ok(
        state.day === null
          ? 'The warehouse answers; nothing is loaded yet.'
          : `The warehouse answers; ${state.days} days are loaded, the last one is ${state.day}.`,
      ),
      ...(state.awaitsRebuild ? [warning(AWAITS_REBUILD, HOW_TO_REBUILD)] : await judgeMigrations(url)),
      ...(await judgeReaders(subject)),
    ];
  },
};

/**
 * Compare the applied migrations with the newest one. A worker migrates Postgres when it starts.
 * Redshift is not checked, because it is migrated before each load.
 */
async function judgeMigrations(url: string): Promise<Finding[]> {
  if (isRedshift(url)) return [];
  const { applied, newest } = await readMigrationState(url);
  if (applied === newest) return [ok(`Its tables are up to date (migration ${newest}).`)];
  if (applied < newest)
    return [
      warning(
        `The last migration of the warehouse is ${applied}. This release has migrations up to ${newest}.`,
        'Run "ladepuls start", or start a worker of this release. It applies the migrations when it starts.',
      ),
    ];
  return [
    problem(
      `The last migration of the warehouse is ${applied}, from a later release. This release has migrations up to ${newest}.`,
      'Run the later release. The doctor changed neither the raw store nor the warehouse.',
    ),
  ];
}

async function judgeReaders({ config }: Subject): Promise<Finding[]> {
  const { warehouse, readers, general } = config;
  if (warehouse.url === undefined) return [];
  if (readers.url === undefined)
    return [ok('LADEPULS_READER_URL is not set, so "ladepuls sql" has no role to read as.')];
  try {
    await query(readers.url, 'select 1', general.timeZone);
    return [ok('Readers can log in.')];
  } catch (error) {
    return [explainDatabaseError(error, 'The warehouse, for readers,', 'LADEPULS_READER_URL')];
  }
}
