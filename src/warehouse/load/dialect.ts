import type pg from 'pg';
import type { Day } from '../../domain/day.js';
import type { FlatFile } from '../../domain/flatFiles.js';
import type { ArchiveManifest } from '../../stores/archive.js';
import type { WholeSet } from '../../stores/flat.js';
import type { Store } from '../../stores/store.js';
import type { Database } from '../measures/run.js';
import type { Load, NotRecreated } from '../warehouse.js';
import type { Fact } from './fact.js';
import type { Warehouses } from './schemas.js';

/** Work that only one transaction may do at a time. */
export type Lock = 'migration' | 'publication' | 'opening';

/** Fragments of SQL that differ between Postgres and Redshift. */
export interface Words {
  /**
   * Expression for the time of the transaction. Redshift evaluates `now()` on its leader node only, which has no
   * tables.
   */
  now: string;
  /** Timestamp before all others. Redshift has no infinite timestamps. */
  longAgo: string;
  /**
   * Return the end of a `create table` whose rows are joined by `column`. Redshift distributes the rows to its nodes by
   * that column.
   */
  joinedBy(column: string): string;
  /**
   * End of a `create table` for a small table that is joined with large tables. Redshift copies the table to every
   * node.
   */
  everywhere: string;
  /**
   * Return an aggregate: the values of a column in ascending order, joined by commas. The function's name differs
   * between the databases.
   */
  listed(column: string): string;
  /**
   * Return a statement that makes other writers of a table wait. On Redshift, readers wait too, because it has only one
   * lock mode.
   */
  lock(table: string): string;
}

/** Location of the flat files, and the role with which the database reads and writes them. */
export interface FlatSource {
  flat: Store;
  /** ARN of the role with which Redshift reads and writes S3. Postgres gets the files through the connection. */
  iamRole?: string | undefined;
}

/** A kind of flat file, from the sets of some feed slices, to be copied to staging. */
export interface FileCopy {
  file: FlatFile;
  load: Load;
  /** Sets whose manifest counts at least one row of `file`. */
  sets: readonly WholeSet[];
  /** Number of rows according to the manifests of `sets`. */
  rows: number;
  /** Name that is unique among the copies of one load. */
  name: string;
}

/** Operations that only a rebuild needs. */
export interface Rebuilding {
  /** Return the name of the rebuild whose tables exist beside the published tables; null if no such tables exist. */
  name(client: pg.Pool | pg.PoolClient): Promise<string | null>;
  /**
   * Create the tables of the rebuild. Postgres runs its migrations; Redshift copies the published tables, including
   * their distribution keys.
   */
  begin(pool: pg.Pool, rebuild: string): Promise<void>;
  /**
   * Replace the published tables by the rebuilt tables. Postgres recreates objects of other owners that depend on the
   * tables; Redshift refuses the exchange if such objects would be lost.
   */
  exchange(client: pg.PoolClient, rebuild: string): Promise<void>;
  /** Finish an exchange after its transaction has committed, with the work that can't be part of that transaction. */
  finish(pool: pg.Pool): Promise<void>;
  /** Drop the tables of this rebuild, unless they were exchanged. */
  discard(pool: pg.Pool, rebuild: string): Promise<void>;
  /** Drop the replaced tables. Postgres may have thousands of partitions and locks for only some of them at a time. */
  dropReplaced(pool: pg.Pool): Promise<void>;
  /** Return the objects of other owners that the exchange could not recreate, and their total number. */
  notRecreated(pool: pg.Pool, rebuild: string): Promise<{ found: NotRecreated[]; total: number }>;
}

/** Storage of facts: Postgres stores status spans; Redshift stores rows, because it compresses columns. */
export interface Facts {
  /**
   * Make the rows of one kind of facts in staging, so that the publication only inserts them. Idempotent. Redshift
   * makes its rows in the publication, because all its nodes take part in each statement.
   */
  stage(client: pg.PoolClient, fact: Fact, load: Load): Promise<void>;
  /** Replace the facts of the day by those of the load; for an addition, add them. */
  publish(client: pg.PoolClient, load: Load): Promise<void>;
  /** Update the planner's statistics in the transaction of the publication. Redshift updates them by itself. */
  analyze(client: pg.PoolClient, load: Load): Promise<void>;
  /** Free the space of deleted rows, after the transaction. Redshift frees it by itself. */
  vacuum(pool: pg.Pool, load: Pick<Load, 'isRebuild'>): Promise<void>;
  /** Delete the facts of a published day, and return their number. */
  remove(client: pg.PoolClient, fact: Fact, day: Day): Promise<number>;
  /**
   * Write the facts of a published day to the archive. On Redshift, the nodes write to S3 in parallel, because one
   * connection is too slow.
   */
  archive(
    pool: pg.Pool,
    day: Day,
    source: FlatSource,
  ): Promise<{ revision: number; tables: ArchiveManifest['tables'] }>;
}

/** Operations on the staging tables of one load. */
export interface Staging {
  /** Create the tables. Call when the search path begins with the load's staging schema. */
  make(client: pg.PoolClient, load: Load): Promise<void>;
  /** Update the planner's statistics of these tables. Redshift's COPY updates them by itself. */
  analyze(client: pg.PoolClient, tables: readonly string[]): Promise<void>;
  /**
   * Check that no crash has emptied the staging tables, which are unlogged on Postgres.
   *
   * @throws LoadOutdated when copied rows are lost
   */
  requireUncrashed(client: pg.PoolClient, load: Load): Promise<void>;
  /**
   * Note that a chunk is copied; return false if it is noted already. Chunks are copied in parallel on Postgres, one
   * after another on Redshift.
   */
  claimChunk(client: pg.PoolClient, chunk: number, facts: number): Promise<boolean>;
  /**
   * Copy a flat file to staging. Redshift reads S3; Postgres receives the rows through the connection.
   *
   * @throws LoadRefused when the number of copied rows differs from `copy.rows`
   */
  copyFile(client: pg.PoolClient, copy: FileCopy, source: FlatSource): Promise<void>;
  /**
   * Fill staging with the rows of the published day.
   *
   * @throws LoadRefused when the day can't be copied, which is always so on Redshift
   */
  bringOver(client: pg.PoolClient, load: Load): Promise<void>;
}

/** Differences between Postgres and Redshift. The rest of a load is written once, in this folder. */
export interface Dialect {
  /** Name of the database, which is also its folder in `sql/`. */
  database: Database;
  /**
   * Schemas of the published, the rebuilt and the replaced warehouse. Postgres has a third schema in each, because
   * readers' tables were in `public` first.
   */
  warehouses: Warehouses;
  words: Words;
  /** Whether the database enforces keys and CHECK constraints. Redshift does not, so that each load checks them. */
  enforcesKeys: boolean;
  /** Whether a step of a load is faster on several connections. On Redshift, one statement uses all nodes already. */
  isParallel: boolean;
  /**
   * Longest wait in milliseconds for the result of a person's query. A paused Redshift needs some seconds to resume.
   */
  wakeTimeoutMs: number;
  /**
   * Return whether the published tables have the form of an earlier version. Each database records the version in its
   * own way.
   */
  awaitsRebuild(client: pg.ClientBase | pg.Pool): Promise<boolean>;
  /**
   * Check that the tables which the load is for have the form of this version.
   *
   * @throws LoadRefused when the tables have the form of an earlier version
   */
  requireForm(client: pg.PoolClient, load: Load): Promise<void>;
  /**
   * Take a lock until the end of the transaction. `atMostMs` limits the wait for the lock on Postgres, and the whole
   * statement on Redshift.
   */
  lock(client: pg.PoolClient, lock: Lock, atMostMs?: number): Promise<void>;
  /** Prepare a transaction that sorts the rows of a day. With its default memory, Postgres would sort on disk. */
  allowSorting(client: pg.PoolClient): Promise<void>;
  /**
   * Limit how long the publication waits for a lock on a table. On Postgres, readers would queue behind the
   * publication.
   */
  limitTableWaits(client: pg.PoolClient): Promise<void>;
  staging: Staging;
  facts: Facts;
  rebuilding: Rebuilding;
}
