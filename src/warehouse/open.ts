import type { Slice } from '../settings/slice.js';
import { isRedshift } from '../domain/warehouseAddress.js';
import type { CurrentStatus } from './current.js';
import type { Decision, DecisionTable } from './decisions.js';
import { readDecisions as readDecisionsFrom, replaceDecisions as replaceIn } from './decisionTables.js';
import type { Dialect, Words } from './load/dialect.js';
import { type LoadedState, readLoadedState as readLoaded } from './loaded.js';
import type {
  ChangeMeasures,
  ChangeRollUp,
  Measures,
  PeriodQuery,
  Location,
  QualityFinding,
  QualityMeasures,
  QualityRollUp,
  RollUp,
} from './measures.js';
import { openPostgresCurrent } from './postgres/current.js';
import { POSTGRES } from './postgres/dialect.js';
import type { QueryResult } from './query.js';
import { query as queryPostgres } from './postgres/query.js';
import { openSnapshot as openPostgresSnapshot } from './postgres/snapshot.js';
import { openPostgresWarehouse } from './postgres/warehouse.js';
import {
  type MigrationState,
  readMigrationState as readPostgresMigrations,
} from './postgres/migrationState.js';
import { openPostgresQueries, type QueriesOptions } from './postgres/queries.js';
import type { Queries } from './queries/registry.js';
import { driverUrl } from './redshift/database.js';
import { REDSHIFT } from './redshift/dialect.js';
import { query as queryRedshift } from './redshift/query.js';
import { openRedshiftWarehouse } from './redshift/warehouse.js';
import { readChanges as readChangesFrom } from './reports/changes.js';
import { readFindings as readFindingsFrom, readQuality as readQualityFrom } from './reports/findings.js';
import {
  type IncompletePolls,
  readIncompletePolls as readIncompletePollsFrom,
} from './reports/incompletePolls.js';
import { readMeasures as readMeasuresFrom } from './reports/measures.js';
import { readLocations as readLocationsFrom } from './reports/locations.js';
import type { Snapshot } from './snapshot.js';
import type { Warehouse } from './warehouse.js';

export type { IncompletePolls, LoadedState, Location, QueryResult };

/**
 * Settings of a warehouse, apart from its address: the time limits of readers on Postgres, and the IAM role on
 * Redshift.
 */
export type WarehouseOptions = Slice<
  'readers.statementTimeoutMs' | 'readers.idleTimeoutMs' | 'warehouse.redshiftIamRole'
>;

/**
 * Open the warehouse at an address, `postgres://…` or `redshift://…`.
 *
 * @throws Error when the warehouse is on Redshift and has no IAM role
 */
export function openWarehouse(url: string, { readers, warehouse }: WarehouseOptions): Warehouse {
  if (!isRedshift(url)) return openPostgresWarehouse(url, readers);
  if (warehouse.redshiftIamRole === undefined)
    throw new Error(
      'LADEPULS_REDSHIFT_IAM_ROLE is not set. Redshift reads the flat store with an IAM role: set it to the ARN of that role.',
    );
  return openRedshiftWarehouse(url, warehouse.redshiftIamRole);
}

/**
 * Open the store of current statuses. Return null on Redshift, because an insert every few minutes would keep Redshift
 * awake.
 */
export function openCurrent(url: string): CurrentStatus | null {
  return isRedshift(url) ? null : openPostgresCurrent(url);
}

/**
 * Open the queries of the API.
 *
 * @throws Error on Redshift, which is not suited to many small queries
 */
export function openQueries(url: string, options: QueriesOptions): Queries {
  if (isRedshift(url))
    throw new Error(
      'The API needs a warehouse on Postgres, because Redshift is too slow for many small queries. ' +
        'Set DATABASE_URL to an address that begins with postgres://.',
    );
  return openPostgresQueries(url, options);
}

/** Run one read-only statement as the role in the address. See `query.ts` of each database. */
export function query(url: string, statement: string, timeZone: string): Promise<QueryResult> {
  return (isRedshift(url) ? queryRedshift : queryPostgres)(url, statement, timeZone);
}

/**
 * Read which days the warehouse at an address has.
 *
 * @throws Error when the warehouse does not respond within seconds
 */
export function readLoadedState(url: string): Promise<LoadedState> {
  return readLoaded(clientUrl(url), dialectOf(url));
}

/**
 * Return whether the warehouse at an address has the tables of an earlier version, so that loads wait for a rebuild.
 *
 * @throws Error when the warehouse does not respond within seconds
 */
export async function awaitsRebuild(url: string): Promise<boolean> {
  return (await readLoadedState(url)).awaitsRebuild;
}

/**
 * Open a snapshot of the warehouse for an export.
 *
 * @throws Error on Redshift, which writes files itself
 */
export async function openSnapshot(url: string): Promise<Snapshot> {
  if (isRedshift(url))
    throw new Error(
      'Exports need a warehouse on Postgres. Redshift writes Parquet and CSV to S3 itself: use UNLOAD, as docs/export.md shows.',
    );
  return openPostgresSnapshot(url);
}

/**
 * Read the last migration that was applied to a Postgres warehouse.
 *
 * @throws Error on Redshift, and when the warehouse does not respond
 */
export function readMigrationState(url: string): Promise<MigrationState> {
  if (isRedshift(url))
    throw new Error('Migrations can be shown for Postgres only. On Redshift, each load checks them.');
  return readPostgresMigrations(url);
}

/** Read the measures of a period. */
export function readMeasures(url: string, query: PeriodQuery<RollUp>): Promise<Measures[]> {
  return readMeasuresFrom(clientUrl(url), query);
}

/** Read the results of quality rules in a period. */
export function readQuality(url: string, query: PeriodQuery<QualityRollUp>): Promise<QualityMeasures[]> {
  return readQualityFrom(clientUrl(url), query);
}

/** Read the most frequent violations of quality rules in a period, at most `ofEachRule` for each rule. */
export function readFindings(
  url: string,
  period: { from: string; to: string },
  ofEachRule: number,
): Promise<QualityFinding[]> {
  return readFindingsFrom(clientUrl(url), period, ofEachRule);
}

/**
 * Read how many polls of a period are not complete, by feed and reason.
 *
 * @throws Error when the warehouse does not respond within seconds, or has the tables of an earlier version
 */
export function readIncompletePolls(
  url: string,
  period: { from: string; to: string },
): Promise<IncompletePolls[]> {
  return readIncompletePollsFrom(clientUrl(url), period, dialectOf(url).wakeTimeoutMs);
}

/** Read the changes of master data in a period. */
export function readChanges(url: string, query: PeriodQuery<ChangeRollUp>): Promise<ChangeMeasures[]> {
  return readChangesFrom(clientUrl(url), query);
}

/** Read a table of schema `config`, sorted by its key, including values that nobody has decided on. */
export function readDecisions(url: string, table: DecisionTable): Promise<Decision[]> {
  return readDecisionsFrom(clientUrl(url), table);
}

/** Replace the whole content of a table of schema `config`. If one row is refused, change nothing. */
export function replaceDecisions(url: string, table: DecisionTable, rows: Decision[]): Promise<void> {
  return replaceIn(wordsOf(url), clientUrl(url), table, rows);
}

/** Return the SQL fragments of the database at an address. */
export function wordsOf(url: string): Words {
  return dialectOf(url).words;
}

function dialectOf(url: string): Dialect {
  return isRedshift(url) ? REDSHIFT : POSTGRES;
}

/** Read the location of every station that has coordinates. */
export function readLocations(url: string): Promise<Location[]> {
  return readLocationsFrom(clientUrl(url));
}

/** Return the address in the form that the driver, psql and other Postgres tools accept, also for Redshift. */
export function clientUrl(url: string): string {
  return isRedshift(url) ? driverUrl(url) : url;
}
