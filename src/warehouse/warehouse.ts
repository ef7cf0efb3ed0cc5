import type { FeedSlice } from '../domain/chunks.js';
import type { Day } from '../domain/day.js';
import type { Exclusions } from '../domain/exclusions.js';
import type { Slot, SlotRange } from '../domain/slot.js';
import type { FeedCoverage } from '../stores/coverage.js';
import type { Store } from '../stores/store.js';

/** One load of one day. It is built in a staging schema of its own until it is published. */
export interface Load {
  day: Day;
  /** Run id of the workflow. It also names the set of flat files. */
  run: string;
  /** Whether the load goes to the warehouse that is being rebuilt beside the published one. */
  isRebuild?: boolean;
  /** Whether the facts of the day stay in the archive, so that everything except facts is loaded. */
  withoutFacts?: boolean;
  /** Slots to load, if the day is not over. */
  window?: SlotRange;
  /** Revision of the day to which the window's slots are added. If absent, the load replaces the day. */
  addsTo?: number;
}

/** The latest publication of a day. */
export interface PublishedDay {
  revision: number;
  /** Time of the publication by the database's clock, in milliseconds since the epoch. */
  publishedMs: number;
  /** First slot that is not in the publication; null if the day was loaded as a whole. */
  loadedUntil: Slot | null;
  /** For each feed, the digest of the inventory of answers that the day was built from. */
  inventories: Map<string, string>;
}

/** Answers that the published day of a feed was built from. */
export interface PublishedAnswers {
  /** Number of answers in the raw store, including unreadable and surplus answers. */
  bodies: number;
  /** Raw keys of the answers that became polls. */
  keys: string[];
}

/** Counts of a published day. */
export interface Publication {
  day: Day;
  revision: number;
  polls: number;
  chargingPointFacts: number;
  connectorFacts: number;
  /** Number of quarantined records of all kinds. */
  quarantined: number;
  /** Number of unreadable answers. */
  unreadable: number;
}

export interface CheckOptions {
  /** Whether to refuse a load when a severe quality rule fails. */
  refusesSevere: boolean;
  /** IANA name of the time zone of local days. */
  timeZone: string;
}

export interface PublishOptions extends Pick<CheckOptions, 'refusesSevere'> {
  /** IANA name of the time zone of local days, and of the columns of `time`. */
  timeZone: string;
  /** Reason of the load, for `ops.day_revision`. */
  reason: string;
  /** Number of missing slots over which an event continues. */
  bridgedSlots: number;
  /**
   * Check that the raw store is still as the load was built from it. Called while holding the lock of publications.
   * Otherwise, a load that waited for the lock could replace a newer publication.
   *
   * @returns the digest of each feed's inventory, for the ledger
   * @throws LoadOutdated when the raw store has changed
   */
  verify: () => Promise<Map<string, string>>;
}

/** An object or grant on a warehouse that other people made, and that a rebuild could not recreate. */
export interface NotRecreated {
  /** Kind of the object, such as `view`, `grant` or `trigger`. */
  kind: string;
  /** Name of the object, with its schema. */
  name: string;
  reason: string;
}

/** The load is not published, because a check failed. */
export class LoadRefused extends Error {
  override name = 'LoadRefused';
}

/** The load must start again, because its input has changed or its staging tables were lost. */
export class LoadOutdated extends Error {
  override name = 'LoadOutdated';
}

/** The addition would change slots before it. Therefore the day must be loaded as a whole. */
export class NotAddable extends Error {
  override name = 'NotAddable';
}

/**
 * A warehouse into which days are loaded. Every method is idempotent, also when two calls run at once. The steps of a
 * load are called in the order of the methods.
 */
export interface Warehouse {
  /** Apply pending migrations, unless {@link awaitsRebuild} returns true. */
  migrate(): Promise<void>;
  /**
   * Return whether the published warehouse stores facts in the form of an earlier version. Readers can use such a
   * warehouse, but nothing is loaded into it until it is rebuilt.
   */
  awaitsRebuild(): Promise<boolean>;
  /**
   * Create the load's staging schema.
   *
   * @throws LoadRefused when the load's rebuild can't continue
   */
  open(load: Load): Promise<void>;
  /**
   * Copy the content spans, polls, quarantined records and field issues of all feed slices of the load to staging, and
   * replace the rows of an earlier call. Join spans that continue in the next slice of their feed. An addition also copies the published rows
   * of the day.
   *
   * @returns for each feed, the records that belong to another feed; normally empty
   * @throws NotAddable when an addition would change the published slots of the day
   */
  copyContentSpans(load: Load, slices: FeedSlice[], flat: Store): Promise<Map<string, Exclusions>>;
  /**
   * Copy a chunk's status spans to staging and add its counts to the ledger, in one transaction. Idempotent. Skip the
   * spans if `load.withoutFacts`.
   *
   * @param chunk number of the chunk in the load's plan
   * @returns the number of facts that the spans stand for, also if an earlier call copied them
   */
  copyChunk(load: Load, chunk: number, slices: FeedSlice[], flat: Store): Promise<number>;
  /**
   * Fill the staging of a rebuild's load from the published warehouse, for a day whose answers are no longer in the raw
   * store. The published warehouse is not changed. Replaces {@link copyContentSpans}, {@link copyChunk} and {@link
   * copyCoverage}.
   *
   * @throws LoadRefused when a fact that the published ledger counts is missing
   */
  bringOver(load: Load): Promise<void>;
  /** Copy the outcomes of the day's slots to staging, and replace the rows of an earlier call. */
  copyCoverage(load: Load, coverage: FeedCoverage[]): Promise<void>;
  /**
   * Derive status periods, and the rows that the publication inserts. Redshift also checks the copied rows and applies
   * the quality rules; Postgres does this while it publishes, on another processor.
   *
   * @throws LoadRefused when a check fails
   * @throws LoadOutdated when the warehouse has lost copied rows
   */
  check(load: Load, options: CheckOptions): Promise<void>;
  /**
   * Publish the load in one transaction. Readers see either the whole former day or the whole new day.
   *
   * @throws LoadRefused when a check of the copied rows fails
   * @throws LoadOutdated when the day has been published since the addition was planned, copied rows are lost, or the
   *   warehouse {@link awaitsRebuild}
   */
  publish(load: Load, options: PublishOptions): Promise<Publication>;
  /** Drop the load's staging schema. */
  discard(load: Load): Promise<void>;
  /** Return whether the facts of the load's day are in the archive and must not be loaded. */
  isArchived(load: Omit<Load, 'run'>): Promise<boolean>;
  /** Return at most `limit` published days before `before` whose facts were never archived, in ascending order. */
  archivableDays(before: Day, limit: number): Promise<Day[]>;
  /**
   * Move the facts of a day to the archive in the flat store. Return the number of facts; null if the day was published
   * again in between.
   */
  archiveDay(day: Day, flat: Store): Promise<number | null>;
  /**
   * Create an empty warehouse beside the published one, for loads with `isRebuild`.
   *
   * @throws LoadRefused when such a warehouse can't be created
   */
  beginRebuild(rebuild: string): Promise<void>;
  /**
   * Replace the published warehouse by the rebuilt warehouse in one transaction.
   *
   * @returns days that were published since they were rebuilt; load them into the rebuilt warehouse, then call again
   */
  exchange(rebuild: string): Promise<Day[]>;
  /** Return the objects of other people on the replaced warehouse that this rebuild could not recreate. */
  notRecreated(rebuild: string): Promise<{ found: NotRecreated[]; total: number }>;
  /** Drop the tables of this rebuild, unless they were exchanged. */
  discardRebuild(rebuild: string): Promise<void>;
  /**
   * Drop the replaced warehouse.
   *
   * @throws Error while somebody reads the replaced warehouse
   */
  dropReplaced(): Promise<void>;
  /** Return the latest publication of a day; null if the day was never published. */
  publishedDay(day: Day): Promise<PublishedDay | null>;
  /** Return the answers that the published day of a feed was built from; none if the day was never published. */
  publishedAnswers(day: Day, feed: string): Promise<PublishedAnswers>;
  /** Return all days that were ever published, in ascending order. */
  publishedDays(): Promise<Day[]>;
  /** Close all connections. */
  close(): Promise<void>;
}
