import type { FeedSlice } from '../domain/chunks.js';
import type { Day } from '../domain/day.js';
import type { Exclusions } from '../domain/exclusions.js';
import type { Slot, SlotRange } from '../domain/slot.js';
import type { FeedCoverage } from '../stores/coverage.js';
import type { Store } from '../stores/store.js';

/** One load of one day: everything that it builds is in staging, under its name, until it is published. */
export interface Load {
  day: Day;
  /** The run id of the workflow; also names the set of flat files. */
  run: string;
  /** It goes into the warehouse that is being rebuilt, beside the one that readers see. */
  isRebuild?: boolean;
  /** The day's facts stay in the archive: everything else of it is loaded. */
  withoutFacts?: boolean;
  /** Only these slots are loaded: the day is under way. */
  window?: SlotRange;
  /** The window's slots are added to this revision of the day; else the load replaces the day. */
  addsTo?: number;
}

/** A day as it stands in the warehouse. */
export interface PublishedDay {
  revision: number;
  /** When the revision was published, milliseconds since the epoch by the database's clock. */
  publishedMs: number;
  /** The slots before this one are in it; null where the day was loaded as a whole. */
  loadedUntil: Slot | null;
  /** By feed, the digest of the answers that it was built from. */
  inventories: Map<string, string>;
}

/** The answers that a feed's published day was built from. */
export interface PublishedAnswers {
  /** How many there were in raw, also those that could not be read and those of a slot that had one already. */
  bodies: number;
  /** Those that became polls, by their keys in raw. */
  keys: string[];
}

/** What a publication made of a day. */
export interface Publication {
  day: Day;
  revision: number;
  polls: number;
  chargingPointFacts: number;
  connectorFacts: number;
  /** Records of the day that were quarantined, all kinds. */
  quarantined: number;
  /** Answers of the day that could not be read. */
  unreadable: number;
}

export interface CheckOptions {
  /** Whether a load is refused where a severe rule of quality fails. */
  refusesSevere: boolean;
}

export interface PublishOptions {
  /** Of the parts of `time`. */
  timeZone: string;
  /** Why the day is loaded; stands in ops.day_revision. */
  reason: string;
  /** Events go on over so many missing slots. */
  bridgedSlots: number;
  /**
   * Throws where the load is out of date. Called when no other publication can come between: else a load that
   * waited for its turn could replace the work of one that knows more.
   * @returns the digest of each feed's inventory, for the ledger
   */
  verify: () => Promise<Map<string, string>>;
}

/** Something that other people had made on a warehouse, and that a rebuild could not make anew. */
export interface NotRecreated {
  /** Such as `view`, `grant` or `trigger`. */
  kind: string;
  /** With its schema. */
  name: string;
  reason: string;
}

/** What a check found wrong with a load; publishing it would break a promise, and so it is not. */
export class LoadRefused extends Error {
  override name = 'LoadRefused';
}

/** What a load has to be done anew for: what it was built from has changed since, or what was built is lost. */
export class LoadOutdated extends Error {
  override name = 'LoadOutdated';
}

/** An addition shows what changes the slots before it: the day must be loaded as a whole. */
export class NotAddable extends Error {
  override name = 'NotAddable';
}

/**
 * A warehouse that days are loaded into. Every method may be called again after it succeeded, and by
 * two at once, with the same result; a load's steps come in the order of the methods.
 */
export interface Warehouse {
  /** Brings the schema up to date, unless {@link awaitsRebuild} says that only a rebuild can. */
  migrate(): Promise<void>;
  /**
   * Returns whether the published warehouse stores facts in the form of an earlier version. It is read as before, but
   * nothing is loaded into it until it is rebuilt.
   */
  awaitsRebuild(): Promise<boolean>;
  /** Makes a load's staging. Throws {@link LoadRefused} where the rebuild that it belongs to can't go on. */
  open(load: Load): Promise<void>;
  /**
   * Copies the content spans, polls and findings of all feed slices of the load to staging, replacing what an earlier call copied.
   * A span that goes on in a feed's next slice is one. Returns what of which feed belongs to another feed: normally nothing.
   * Of an addition, what is published of the day comes along; throws {@link NotAddable} where that can't stay as it is.
   */
  copyContentSpans(load: Load, slices: FeedSlice[], flat: Store): Promise<Map<string, Exclusions>>;
  /**
   * Copies a chunk's status spans to staging and adds its counts to the ledger, in one transaction. Idempotent. Skips spans
   * if `withoutFacts`. Returns how many facts they stand for, whichever call copied them.
   * @param chunk its number in the load's plan
   */
  copyChunk(load: Load, chunk: number, slices: FeedSlice[], flat: Store): Promise<number>;
  /**
   * Fills a load of a rebuild from the published warehouse, which it leaves alone: for a day whose answers are gone
   * from raw. Takes the place of {@link copyContentSpans}, {@link copyChunk} and {@link copyCoverage}. Throws {@link LoadRefused}
   * where not every fact that the published ledger counts is there.
   */
  bringOver(load: Load): Promise<void>;
  /** Puts what became of the day's slots into staging, replacing what an earlier call put there. */
  copyCoverage(load: Load, coverage: FeedCoverage[]): Promise<void>;
  /**
   * Checks what was copied, and holds it against the rules of quality. Throws {@link LoadRefused}, and {@link LoadOutdated}
   * where the warehouse has lost it.
   */
  check(load: Load, options: CheckOptions): Promise<void>;
  /**
   * Publishes the load in one transaction: readers see the day as it was before, or all of it. Throws
   * {@link LoadOutdated} where the day was published meanwhile that an addition was to be added to, the warehouse has
   * lost what was copied, or it {@link awaitsRebuild}.
   */
  publish(load: Load, options: PublishOptions): Promise<Publication>;
  /** Removes the load's staging. */
  discard(load: Load): Promise<void>;
  /** Whether the facts of a load's day have left for the archive, and are not to be loaded. */
  isArchived(load: Omit<Load, 'run'>): Promise<boolean>;
  /** Published days before a day, in order, at most so many, whose facts have never left. */
  archivableDays(before: Day, limit: number): Promise<Day[]>;
  /** Moves a day's facts into the archive in the flat store. Returns how many; null where the day changed meanwhile. */
  archiveDay(day: Day, flat: Store): Promise<number | null>;
  /** Makes an empty warehouse beside the published one, where loads with `isRebuild` go. Throws {@link LoadRefused}. */
  beginRebuild(rebuild: string): Promise<void>;
  /**
   * Lets readers see the rebuilt warehouse instead of the published one, from one moment to the next.
   * @returns days that were published meanwhile: load them into the rebuilt warehouse first, then call it again
   */
  exchange(rebuild: string): Promise<Day[]>;
  /** Returns what other people had on the replaced warehouse and the rebuild of that name could not make anew. */
  notRecreated(rebuild: string): Promise<{ found: NotRecreated[]; total: number }>;
  /** Removes what the rebuild of that name has made, unless it was exchanged. */
  discardRebuild(rebuild: string): Promise<void>;
  /** Drops what a rebuilt warehouse has taken the place of. Throws as long as somebody reads it. */
  dropReplaced(): Promise<void>;
  /** A day as it is published; null where it never was. */
  publishedDay(day: Day): Promise<PublishedDay | null>;
  /** The answers that a feed's published day was built from; none where it was never published. */
  publishedAnswers(day: Day, feed: string): Promise<PublishedAnswers>;
  /** Every day that was ever published, in order. */
  publishedDays(): Promise<Day[]>;
  /** Releases connections. */
  close(): Promise<void>;
}
