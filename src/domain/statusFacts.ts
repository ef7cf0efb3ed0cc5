import type { Day } from './day.js';
import type { Slot } from './slot.js';

/** What could not be found out, and why, in one line. */
export interface Unknown {
  unknown: string;
}

/** Whether something could not be found out. */
export function isUnknown(fact: object | null): fact is Unknown {
  return fact !== null && 'unknown' in fact;
}

/** What is known of an installation at an instant: all that {@link file://./statusFindings.ts} judges. */
export interface StatusFacts {
  /** Milliseconds since the epoch. */
  nowMs: number;
  /** IANA name; instants are shown in this zone. */
  timeZone: string;
  home: string;
  /** Temporal is named by the settings: then workers may run elsewhere, and nothing has to run on the home. */
  isRemote: boolean;
  /** What runs on the home; null: nothing. */
  owner: OwnerFacts | null | Unknown;
  /** null: not asked, since no Temporal runs. */
  schedules: ScheduleFacts[] | null | Unknown;
  slots: SlotFacts | Unknown;
  /** Loads of the last days that failed and were not followed by a later one. null: not asked, since no Temporal runs. */
  failedLoads: FailedLoad[] | null | Unknown;
  /** The last days that are loaded as a whole. null: not asked, since no warehouse runs. */
  loadedDays: Day[] | null | Unknown;
  /** The warehouse stores facts in the form of an earlier version: loads wait until it is rebuilt. */
  awaitsRebuild: boolean;
  /** The file systems that are written to. */
  space: SpaceFacts[];
  /** What waits in the local spool to be stored; null: there is no spool, or nothing waits. */
  spool: SpoolFacts | null | Unknown;
}

/** A process that runs on the home. */
export interface OwnerFacts {
  pid: number;
  /** `service`: runs until it is stopped. `command`: ends by itself. */
  mode: 'service' | 'command';
  /** When it became the home's owner, milliseconds since the epoch. */
  sinceMs: number;
  isStarting: boolean;
  /** Empty in the record of a command or of an older release. */
  components: readonly ComponentFacts[];
  /** Whether the warehouse is known: by a setting, or because the service runs one. */
  hasWarehouse: boolean;
}

/** How a component of a running home is: Temporal, Postgres, the worker, the API. */
export interface ComponentFacts {
  name: string;
  /** `starting`: was never ready. */
  state: 'starting' | 'running' | 'restarting';
  /** When the state began, an ISO instant. */
  since: string;
  restarts: number;
  reason: string | null;
}

export interface ScheduleFacts {
  id: string;
  state: 'active' | 'paused' | 'absent';
}

/** What the raw store says of polls. */
export interface SlotFacts {
  intervalMinutes: number;
  /** From when on feeds are to be polled, milliseconds since the epoch; null: no feed is to be polled. */
  expectedSinceMs: number | null;
  /** How many feeds are collected, paused ones included; null: the raw store has no collection log. */
  feeds: number | null;
  /** The last slots that were run, the latest first. */
  runs: SlotRunFacts[];
  /** The days that have slot runs, of the last ones, in order. */
  days: Day[];
}

export interface SlotRunFacts {
  slot: Slot;
  /** Feeds with a good answer. */
  stored: number;
  /** The feeds without one, each with its reason. */
  notStored: Record<string, string>;
}

export interface FailedLoad {
  day: Day;
  workflowId: string;
  /** One line. */
  reason: string;
}

/** A file system that is written to. */
export interface SpaceFacts {
  /** A folder on it. */
  folder: string;
  /** What is written there, such as `raw store`. */
  holds: string[];
  state: FreeSpace | Unknown;
}

export interface FreeSpace {
  freeBytes: number;
  totalBytes: number;
  /** Share of the files that can still be made, 0 to 1; null where the file system has no such limit. */
  freeFiles: number | null;
}

/** Answers that wait to be stored, and what was set aside. */
export interface SpoolFacts {
  answers: number;
  bytes: number;
  /** When the oldest was received, milliseconds since the epoch; null where none waits. */
  oldestMs: number | null;
  /** Files that are no objects of a raw store. */
  broken: number;
}
