import type { Slice } from '../settings/slice.js';
import { isRedshift } from './address.js';
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
import { readMeasures as readMeasuresFrom } from './reports/measures.js';
import { readLocations as readLocationsFrom } from './reports/locations.js';
import type { Snapshot } from './snapshot.js';
import type { Warehouse } from './warehouse.js';

export type { LoadedState, Location, QueryResult };

/** The settings of a warehouse beside its address: time limits of readers on Postgres, and the role on Redshift. */
export type WarehouseOptions = Slice<
  'readers.statementTimeoutMs' | 'readers.idleTimeoutMs' | 'warehouse.redshiftIamRole'
>;

/**
 * Opens the warehouse at an address, `postgres://…` or `redshift://…`.
 *
 * @throws Error for Redshift without a role
 */
export function openWarehouse(url: string, { readers, warehouse }: WarehouseOptions): Warehouse {
  if (!isRedshift(url)) return openPostgresWarehouse(url, readers);
  if (warehouse.redshiftIamRole === undefined)
    throw new Error(
      'LADEPULS_REDSHIFT_IAM_ROLE is not set: Redshift can read the flat store by such a role only.',
    );
  return openRedshiftWarehouse(url, warehouse.redshiftIamRole);
}

/** Opens what keeps current statuses; null on Redshift, which an insert every few minutes would keep awake. */
export function openCurrent(url: string): CurrentStatus | null {
  return isRedshift(url) ? null : openPostgresCurrent(url);
}

/** Opens the queries that many readers ask. Throws an Error on Redshift, which is not made for them. */
export function openQueries(url: string, options: QueriesOptions): Queries {
  if (isRedshift(url))
    throw new Error(
      'The API answers from Postgres only: a question a millisecond is not what Redshift is made for.',
    );
  return openPostgresQueries(url, options);
}

/** Runs one read-only statement, as the role of the address; `query.ts` of each database says more. */
export function query(url: string, statement: string, timeZone: string): Promise<QueryResult> {
  return (isRedshift(url) ? queryRedshift : queryPostgres)(url, statement, timeZone);
}

/** Looks up what the warehouse at an address holds. Throws an Error where it does not answer within seconds. */
export function readLoadedState(url: string): Promise<LoadedState> {
  return readLoaded(clientUrl(url), dialectOf(url));
}

/**
 * Returns whether the warehouse at an address has the tables of an earlier version, so that loads wait for a rebuild.
 * Throws an Error where it does not answer within seconds.
 */
export async function awaitsRebuild(url: string): Promise<boolean> {
  return (await readLoadedState(url)).awaitsRebuild;
}

/** Opens the state of a warehouse as it is now, to be exported. Throws an Error on Redshift, which writes files itself. */
export async function openSnapshot(url: string): Promise<Snapshot> {
  if (isRedshift(url))
    throw new Error(
      'Redshift writes Parquet and CSV to S3 by itself, side by side on all its nodes: use its UNLOAD (docs/export.md shows how).',
    );
  return openPostgresSnapshot(url);
}

/** Reads which migration a Postgres warehouse has seen last. Throws an Error on Redshift, and where it does not answer. */
export function readMigrationState(url: string): Promise<MigrationState> {
  if (isRedshift(url)) throw new Error("Redshift's migrations are looked at by each load.");
  return readPostgresMigrations(url);
}

/** Reads measures of a period. */
export function readMeasures(url: string, query: PeriodQuery<RollUp>): Promise<Measures[]> {
  return readMeasuresFrom(clientUrl(url), query);
}

/** Reads what rules of quality found in a period. */
export function readQuality(url: string, query: PeriodQuery<QualityRollUp>): Promise<QualityMeasures[]> {
  return readQualityFrom(clientUrl(url), query);
}

/** Reads what was wrong most often in a period, at most so many of each rule. */
export function readFindings(
  url: string,
  period: { from: string; to: string },
  ofEachRule: number,
): Promise<QualityFinding[]> {
  return readFindingsFrom(clientUrl(url), period, ofEachRule);
}

/** Reads the changes of master data in a period. */
export function readChanges(url: string, query: PeriodQuery<ChangeRollUp>): Promise<ChangeMeasures[]> {
  return readChangesFrom(clientUrl(url), query);
}

/** Reads a table of what people decide, by its key, with what feeds show and nobody has decided on. */
export function readDecisions(url: string, table: DecisionTable): Promise<Decision[]> {
  return readDecisionsFrom(clientUrl(url), table);
}

/** Replaces a table of what people decide: with its whole content or, where one row is refused, not at all. */
export function replaceDecisions(url: string, table: DecisionTable, rows: Decision[]): Promise<void> {
  return replaceIn(wordsOf(url), clientUrl(url), table, rows);
}

/** The words of SQL that are the own ones of the database at an address. */
export function wordsOf(url: string): Words {
  return dialectOf(url).words;
}

function dialectOf(url: string): Dialect {
  return isRedshift(url) ? REDSHIFT : POSTGRES;
}

/** Reads where every station is that tells it. */
export function readLocations(url: string): Promise<Location[]> {
  return readLocationsFrom(clientUrl(url));
}

/** The address as psql and other tools of Postgres know it, which Redshift's readers use too. */
export function clientUrl(url: string): string {
  return isRedshift(url) ? driverUrl(url) : url;
}
