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

/** What one transaction does at a time. */
export type Lock = 'migration' | 'publication' | 'opening';

/** The few words of SQL that the databases have different ones for. */
export interface Words {
  /** The transaction's time. Redshift's `now()` runs on its leader alone, where no tables are. */
  now: string;
  /** An instant before all others. Redshift has no infinite ones. */
  longAgo: string;
  /** Ends the creation of a table whose rows are joined by a column. Redshift has nodes to distribute rows to. */
  joinedBy(column: string): string;
  /** Ends the creation of a small table that is joined with large ones. Redshift copies such a table to every node. */
  everywhere: string;
  /** A group's values of a column, in order and joined by commas. Neither database knows the other's function. */
  listed(column: string): string;
  /** Makes whoever changes a table wait, and readers where the database can't help it: Redshift has one mode. */
  lock(table: string): string;
}

/** Where flat files are, and by whose right the database itself reads and writes them. */
export interface FlatSource {
  flat: Store;
  /** ARN of a role. Redshift reads and writes S3 with it; Postgres gets files through the connection. */
  iamRole?: string | undefined;
}

/** A flat file of some feeds' days, to be copied to staging. */
export interface FileCopy {
  file: FlatFile;
  load: Load;
  /** Those that have rows. */
  sets: readonly WholeSet[];
  /** How many rows the sets' manifests promise. */
  rows: number;
  /** Tells the copies of a file apart that one load makes. */
  name: string;
}

/** What only a rebuild does. */
export interface Rebuilding {
  /** Returns the name of the rebuild whose tables stand beside the published ones; null where there are none. */
  name(client: pg.Pool | pg.PoolClient): Promise<string | null>;
  /** Makes the tables. Postgres runs its migrations; Redshift copies the published ones, keys of distribution included. */
  begin(pool: pg.Pool, rebuild: string): Promise<void>;
  /** Puts the tables in place. Others' objects are remade on Postgres; Redshift refuses to lose them. */
  exchange(client: pg.PoolClient, rebuild: string): Promise<void>;
  /** Ends, behind an exchange, what can't be in its transaction. */
  finish(pool: pg.Pool): Promise<void>;
  /** Drops the tables of the rebuild of that name, unless they were exchanged. */
  discard(pool: pg.Pool, rebuild: string): Promise<void>;
  /** Drops what was replaced. Postgres has thousands of partitions, and locks for some of them at a time. */
  dropReplaced(pool: pg.Pool): Promise<void>;
  /** Tells what of others' objects the exchange could not make anew. */
  notRecreated(pool: pg.Pool, rebuild: string): Promise<{ found: NotRecreated[]; total: number }>;
}

/** How facts are stored: as status spans in Postgres; as rows in Redshift, whose columns compress them. */
export interface Facts {
  /** Replaces the day's facts by the load's, or adds the load's to them. */
  publish(client: pg.PoolClient, load: Load): Promise<void>;
  /** Brings up to date, in the publication, what the planner knows of it. Redshift does that by itself. */
  analyze(client: pg.PoolClient, load: Load): Promise<void>;
  /** Gives space back, behind the transaction. Redshift does that by itself. */
  vacuum(pool: pg.Pool, load: Pick<Load, 'isRebuild'>): Promise<void>;
  /** Removes a published day's facts. Returns how many there were. */
  remove(client: pg.PoolClient, fact: Fact, day: Day): Promise<number>;
  /** Writes a published day's facts to the archive. Redshift's nodes write side by side, for a connection is too slow. */
  archive(
    pool: pg.Pool,
    day: Day,
    source: FlatSource,
  ): Promise<{ revision: number; tables: ArchiveManifest['tables'] }>;
}

/** A load's own tables. */
export interface Staging {
  /** Makes the tables, where the search path begins with their schema. */
  make(client: pg.PoolClient, load: Load): Promise<void>;
  /** Tells the planner what was copied. Redshift learns it from COPY. */
  analyze(client: pg.PoolClient, tables: readonly string[]): Promise<void>;
  /** Throws LoadOutdated where what was copied is lost: on Postgres, staging is not logged. */
  requireUncrashed(client: pg.PoolClient, load: Load): Promise<void>;
  /** Notes that a chunk is copied; false where it is already. Chunks run side by side on Postgres, in turn on Redshift. */
  claimChunk(client: pg.PoolClient, chunk: number, facts: number): Promise<boolean>;
  /** Copies a flat file. Throws LoadRefused where not all rows arrive. Redshift reads S3; Postgres is sent the rows. */
  copyFile(client: pg.PoolClient, copy: FileCopy, source: FlatSource): Promise<void>;
  /** Fills staging from the published day. Throws LoadRefused where that can't be, as on Redshift. */
  bringOver(client: pg.PoolClient, load: Load): Promise<void>;
}

/** What a database does in its own way. Everything else of a load is written once, in this folder. */
export interface Dialect {
  /** Whose folder of `sql/` its measures are in. */
  database: Database;
  /** Postgres has a third schema, because readers' tables were in `public` first. */
  warehouses: Warehouses;
  words: Words;
  /** Whether keys and CHECK constraints hold. On Redshift nothing holds them, so each load verifies them. */
  enforcesKeys: boolean;
  /** Whether one step of a load gains from several connections. On Redshift one statement has all nodes already. */
  isParallel: boolean;
  /** Longest wait for an answer to a question of a person. A Redshift that sleeps takes some seconds to wake. */
  wakeTimeoutMs: number;
  /** Returns whether the published tables are of an earlier version. Each database notes its versions elsewhere. */
  awaitsRebuild(client: pg.ClientBase | pg.Pool): Promise<boolean>;
  /** Throws LoadRefused where the tables that a load is meant for are of an earlier version. */
  requireForm(client: pg.PoolClient, load: Load): Promise<void>;
  /** Takes a lock until the transaction's end. Their limits are of other kinds: of a wait, or of a whole statement. */
  lock(client: pg.PoolClient, lock: Lock, atMostMs?: number): Promise<void>;
  /** Prepares a transaction that sorts a day. Postgres' default memory would have it sorted on disk. */
  allowSorting(client: pg.PoolClient): Promise<void>;
  /** Keeps the publication from waiting for a table: on Postgres, readers would queue behind it. */
  limitTableWaits(client: pg.PoolClient): Promise<void>;
  staging: Staging;
  facts: Facts;
  rebuilding: Rebuilding;
}
