import type { Day } from './day.js';
import type { Slot } from './slot.js';

/** A fact that could not be determined; `unknown` says why, in one line. */
export interface Unknown {
  unknown: string;
}

/** Return whether a fact could not be determined. */
export function isUnknown(fact: object | null): fact is Unknown {
  return fact !== null && 'unknown' in fact;
}

/** The facts about an installation at an instant that {@link file://./statusFindings.ts} judges. */
export interface StatusFacts {
  /** Milliseconds since the epoch. */
  nowMs: number;
  /** IANA name of the time zone in which instants are shown. */
  timeZone: string;
  home: string;
  /**
   * Whether the settings name a Temporal server. Workers may then run elsewhere, and no process has to run on the home.
   */
  isRemote: boolean;
  /** The process that owns the home; null when none runs. */
  owner: OwnerFacts | null | Unknown;
  /** null: not requested, because Temporal does not run. */
  schedules: ScheduleFacts[] | null | Unknown;
  slots: SlotFacts | Unknown;
  /**
   * Failed loads of the last days that were not followed by a later load. null: not requested, because Temporal does
   * not run.
   */
  failedLoads: FailedLoad[] | null | Unknown;
  /** The days among the last ones that are completely loaded. null: not requested, because no warehouse runs. */
  loadedDays: Day[] | null | Unknown;
  /** Whether the warehouse has the tables of an earlier version. Loads then wait until it is rebuilt. */
  awaitsRebuild: boolean;
  /** The file systems to which the installation writes. */
  space: SpaceFacts[];
  /** The content of the local spool; null when there is no spool, or it is empty. */
  spool: SpoolFacts | null | Unknown;
}

/** The process that owns the home. */
export interface OwnerFacts {
  pid: number;
  /** `service`: runs until it is stopped. `command`: ends by itself. */
  mode: 'service' | 'command';
  /** Milliseconds since the epoch at which the process became the owner. */
  sinceMs: number;
  isStarting: boolean;
  /** Empty for a command, and for a process of an older release. */
  components: readonly ComponentFacts[];
  /** Whether the address of a warehouse is known, from a setting or because the service runs its own. */
  hasWarehouse: boolean;
}

/** State of a component of a running installation: Temporal, Postgres, the worker or the API. */
export interface ComponentFacts {
  name: string;
  /** `starting`: was never ready yet. */
  state: 'starting' | 'running' | 'restarting';
  /** ISO instant at which the state began. */
  since: string;
  restarts: number;
  reason: string | null;
}

export interface ScheduleFacts {
  id: string;
  state: 'active' | 'paused' | 'absent';
}

/** Facts about polls, from the raw store. */
export interface SlotFacts {
  intervalMinutes: number;
  /** Milliseconds since the epoch from which feeds are to be polled; null when no feed is to be polled. */
  expectedSinceMs: number | null;
  /** Number of collected feeds, including paused ones; null when the raw store has no collection log. */
  feeds: number | null;
  /** Polled feeds with a longer interval of their own, with how many slots their interval has. Default: none. */
  slower?: Record<string, number>;
  /** The latest slots that were run, latest first. */
  runs: SlotRunFacts[];
  /** The latest days that have slot runs, in order. */
  days: Day[];
}

export interface SlotRunFacts {
  slot: Slot;
  /** Number of feeds with an accepted answer. */
  stored: number;
  /** The feeds without an accepted answer, with the reason. */
  notStored: Record<string, string>;
  /** Those of `slower` with an accepted answer. */
  storedSlower?: string[];
}

export interface FailedLoad {
  day: Day;
  workflowId: string;
  /** One line. */
  reason: string;
}

/** A file system to which the installation writes. */
export interface SpaceFacts {
  /** A folder on the file system. */
  folder: string;
  /** The kinds of data on it, such as `raw store`. */
  holds: string[];
  state: FreeSpace | Unknown;
}

export interface FreeSpace {
  freeBytes: number;
  totalBytes: number;
  /** Free share of the inodes, 0 to 1; null when the file system has no such limit. */
  freeFiles: number | null;
}

/** Content of the spool. */
export interface SpoolFacts {
  answers: number;
  bytes: number;
  /** Milliseconds since the epoch at which the oldest answer was received; null when none waits. */
  oldestMs: number | null;
  /** Number of files that were set aside because they are not objects of a raw store. */
  broken: number;
}
