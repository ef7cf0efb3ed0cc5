import { z } from 'zod';
import {
  levelOf,
  FAILING_AFTER_SLOTS,
  type StatusFinding,
  statusFindings,
} from '../../domain/statusFindings.js';
import {
  isUnknown,
  type FailedLoad,
  type OwnerFacts,
  type SlotFacts,
  type SpaceFacts,
  type SpoolFacts,
  type StatusFacts,
  type Unknown,
} from '../../domain/statusFacts.js';
import type { StatusLevel } from '../../domain/statusFindings.js';
import { type HomeOwner, readOwner } from '../../local/homeLock.js';
import { describeSchedules, scheduleIds, type ScheduleReport } from '../../temporal/schedules.js';
import { collectionAt } from '../../stores/collectionLog.js';
import { openKnownRaw } from '../../stores/knownRaw.js';
import { readRawState, type RawState } from '../../stores/rawState.js';
import { readRecentRuns, type SlotRun } from '../../stores/slotRuns.js';
import { spoolState } from '../../stores/spool.js';
import type { Store } from '../../stores/store.js';
import { namesTemporal, openClient } from '../../temporal/client.js';
import { isRedshift } from '../../warehouse/address.js';
import { type LoadedState, readLoadedState } from '../../warehouse/open.js';
import type { Context } from '../context/context.js';
import { readFailedLoads } from '../loads/failedLoads.js';
import { readSpace } from './freeSpace.js';

/** How an installation is, and what was looked at to tell. */
export interface Status {
  /** When it was looked at, ISO. */
  at: string;
  home: string;
  level: StatusLevel;
  /** What is not well, the most severe first. */
  findings: StatusFinding[];
  /** What runs on the home; null: nothing. */
  service: ServiceStatus | null;
  schedules: ScheduleReport[] | Unknown;
  /** The last slot that was run, with the day that it belongs to; null: none was. */
  lastSlot: SlotFacts['runs'][number] | null;
  failedLoads: FailedLoad[] | null | Unknown;
  /** null: not looked at. */
  raw: RawState | null | Unknown;
  warehouse: LoadedState | Unknown;
  space: SpaceFacts[];
  spool: SpoolFacts | null | Unknown;
}

export interface ServiceStatus {
  pid: number;
  mode: 'service' | 'command';
  since: string;
  temporalAddress: string | null;
  temporalUiUrl: string | null;
  apiUrl: string | null;
  warehouse: 'embedded' | null;
  parts: OwnerFacts['components'];
}

export interface StatusOptions {
  /** How long each source of knowledge may take to answer. Default: 5 s; a Redshift that sleeps gets 30 s. */
  timeoutMs?: number;
  /** Whether the raw store's feeds and days are listed too, which takes several requests a feed. Default: no. */
  withRawState?: boolean;
  /** Whether the warehouse is asked. Default: yes. */
  withWarehouse?: boolean;
}

const TIMEOUT_MS = 5_000;
const REDSHIFT_TIMEOUT_MS = 30_000;
/** Days whose slots and load are looked at. */
const DAYS = 8;
/** Loads that failed are told of for so long; Temporal then forgets them. */
const FAILED_LOAD_DAYS = 30;

/**
 * Looks at an installation, as often as is wanted. It prints nothing, starts nothing, writes nothing and never throws:
 * what can't be told within the time limit is said to be unknown, and the rest is told. A source that still has not
 * answered the look before is not asked again meanwhile.
 *
 * @example
 * const reader = new StatusReader(context); // once
 * const { level, findings } = await reader.read(); // every minute
 */
export class StatusReader {
  /** Sources that were asked and have not answered, with the instant of the question. */
  private readonly asked = new Map<string, number>();

  constructor(
    private readonly context: Pick<Context, 'config' | 'env'>,
    private readonly options: StatusOptions = {},
  ) {}

  async read(): Promise<Status> {
    const { config, env } = this.context;
    const { timeZone, home } = config.general;
    const nowMs = Date.now();
    const found = readHomeOwner(home);
    const owner = found !== null && isUnknown(found) ? null : found;
    const [temporal, polls, raw, warehouse, space, spool] = await Promise.all([
      this.askTemporal(owner, nowMs),
      this.ask('raw store', () =>
        this.withRaw((store) => readSlots(store, config.polling.intervalMinutes, nowMs)),
      ),
      this.options.withRawState ? this.ask('raw days', () => this.withRaw(readRawState)) : null,
      this.askWarehouse(owner),
      this.ask('space', () => readSpace(config)),
      this.ask('spool', () => readSpool(home)),
    ]);
    const facts: StatusFacts = {
      nowMs,
      timeZone,
      home,
      isRemote: namesTemporal(env),
      owner: found !== null && isUnknown(found) ? found : owner && ownerFacts(owner, this.context.config),
      schedules: temporal?.schedules ?? null,
      slots: polls,
      failedLoads: temporal?.failedLoads ?? null,
      loadedDays: warehouse === null || isUnknown(warehouse) ? warehouse : warehouse.wholeDays,
      awaitsRebuild: warehouse !== null && !isUnknown(warehouse) && warehouse.awaitsRebuild,
      space: isUnknown(space) ? [{ folder: home, holds: ['home'], state: space }] : space,
      spool,
    };
    const findings = statusFindings(facts);
    return {
      at: new Date(nowMs).toISOString(),
      home,
      level: levelOf(findings),
      findings,
      service: owner && serviceStatus(owner),
      schedules: facts.schedules === null ? { unknown: 'no Temporal runs' } : (temporal?.schedules ?? []),
      lastSlot: isUnknown(polls) ? null : (polls.runs[0] ?? null),
      failedLoads: facts.failedLoads,
      raw,
      warehouse: warehouse ?? { unknown: 'no warehouse runs; "ladepuls sql" starts it for one query' },
      space: facts.space,
      spool,
    };
  }

  private async askTemporal(
    owner: HomeOwner | null,
    nowMs: number,
  ): Promise<{
    schedules: ScheduleReport[] | Unknown;
    failedLoads: FailedLoad[] | Unknown;
  } | null> {
    const { config, env } = this.context;
    const address = owner?.addresses?.temporalAddress;
    if (!namesTemporal(env) && address === undefined) return null;
    const clientEnv = namesTemporal(env) ? env : { ...env, TEMPORAL_ADDRESS: address };
    const answer = await this.ask('Temporal', async (signal) => {
      const client = await openClient(clientEnv, signal);
      try {
        const [schedules, failedLoads] = await Promise.all([
          orUnknown(() => describeSchedules(client, scheduleIds(config))),
          orUnknown(() =>
            readFailedLoads(client, config.general.timeZone, nowMs - FAILED_LOAD_DAYS * 86_400_000),
          ),
        ]);
        return { schedules, failedLoads };
      } finally {
        await client.connection.close();
      }
    });
    return isUnknown(answer) ? { schedules: answer, failedLoads: answer } : answer;
  }

  private async askWarehouse(owner: HomeOwner | null): Promise<LoadedState | null | Unknown> {
    const { warehouse } = this.context.config;
    const url = warehouse.url ?? owner?.addresses?.postgresUrl;
    if (url === undefined || this.options.withWarehouse === false) return null;
    const timeoutMs = isRedshift(url) ? REDSHIFT_TIMEOUT_MS : TIMEOUT_MS;
    return this.ask('warehouse', () => readLoadedState(url), timeoutMs);
  }

  private async withRaw<T>(read: (store: Store) => Promise<T>): Promise<T> {
    const { config, env } = this.context;
    const store = openKnownRaw(config, { env });
    try {
      return await read(store);
    } finally {
      await store.close();
    }
  }

  /** Asks one source, and waits for its answer no longer than its time limit. */
  private async ask<T extends object | null>(
    source: string,
    read: (signal: AbortSignal) => Promise<T>,
    usualTimeoutMs = TIMEOUT_MS,
  ): Promise<T | Unknown> {
    const before = this.asked.get(source);
    if (before !== undefined) {
      return { unknown: `no answer for ${Math.round((Date.now() - before) / 1000)} s` };
    }
    const { timeoutMs = usualTimeoutMs } = this.options;
    const ending = new AbortController();
    this.asked.set(source, Date.now());
    const answer = orUnknown(() => read(ending.signal)).finally(() => this.asked.delete(source));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Unknown>((resolve) => {
      timer = setTimeout(() => resolve({ unknown: `no answer within ${timeoutMs / 1000} s` }), timeoutMs);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      ending.abort();
      clearTimeout(timer);
    }
  }
}

/** What a raw store says of its polls; nothing is written to it. */
async function readSlots(store: Store, usualMinutes: number, nowMs: number): Promise<SlotFacts> {
  const collection = await collectionAt(store, nowMs);
  const { runs, days } = await readRecentRuns(store, { slots: FAILING_AFTER_SLOTS, days: DAYS });
  const isPolled = collection?.feeds.some(({ paused }) => !paused) === true;
  return {
    intervalMinutes: collection?.interval_minutes ?? usualMinutes,
    expectedSinceMs: isPolled ? Date.parse(collection.at) : null,
    feeds: collection?.feeds.length ?? null,
    runs: runs.map((of) => ({ slot: of.slot, ...sumUp(of.runs) })),
    days,
  };
}

/** A slot may be run twice: a feed is stored if a run stored it, and the run that came late says nothing of it. */
function sumUp(runs: readonly SlotRun[]): { stored: number; notStored: Record<string, string> } {
  const reasons = new Map<string, string | null>();
  for (const { feed, outcome, reason } of runs.flatMap(({ outcomes }) => outcomes)) {
    const known = reasons.get(feed);
    if (outcome === 'stored') reasons.set(feed, null);
    else if (known === undefined || known === 'late') reasons.set(feed, reason ?? outcome);
  }
  const notStored = [...reasons].filter((entry): entry is [string, string] => entry[1] !== null);
  return { stored: reasons.size - notStored.length, notStored: Object.fromEntries(notStored) };
}

const partSchema = z.object({
  name: z.string(),
  state: z.enum(['starting', 'running', 'restarting']),
  since: z.string(),
  restarts: z.number(),
  reason: z.string().nullable(),
});

const addressesSchema = z
  .object({
    temporalAddress: z.string(),
    temporalUiUrl: z.string(),
    postgresUrl: z.string(),
    apiUrl: z.string(),
  })
  .partial();

/** The live owner of a home, with what can be read of its record: another release's, or a spoiled one, may be otherwise. */
function readHomeOwner(home: string): HomeOwner | null | Unknown {
  try {
    const owner = readOwner(home);
    if (owner === null) return null;
    const addresses = addressesSchema.safeParse(owner.addresses);
    const parts = z.array(partSchema).safeParse(owner.parts);
    return {
      ...owner,
      mode: (owner.mode as string) === 'command' ? 'command' : 'service',
      since: Number.isNaN(Date.parse(owner.since)) ? new Date(0).toISOString() : owner.since,
      addresses: addresses.success ? (addresses.data as HomeOwner['addresses']) : null,
      parts: parts.success ? parts.data : [],
    };
  } catch (error) {
    return { unknown: reasonOf(error) };
  }
}

function ownerFacts(
  { pid, mode, since, addresses, parts = [] }: HomeOwner,
  { warehouse }: Context['config'],
): OwnerFacts {
  const hasWarehouse = warehouse.url !== undefined || addresses?.postgresUrl !== undefined;
  return {
    pid,
    mode,
    sinceMs: Date.parse(since),
    isStarting: addresses === null,
    components: parts,
    hasWarehouse,
  };
}

function serviceStatus({ pid, mode, since, addresses, parts = [] }: HomeOwner): ServiceStatus {
  return {
    pid,
    mode,
    since,
    temporalAddress: addresses?.temporalAddress ?? null,
    temporalUiUrl: addresses?.temporalUiUrl ?? null,
    apiUrl: addresses?.apiUrl ?? null,
    warehouse: addresses?.postgresUrl === undefined ? null : 'embedded',
    parts,
  };
}

async function orUnknown<T>(read: () => Promise<T>): Promise<T | Unknown> {
  try {
    return await read();
  } catch (error) {
    return { unknown: reasonOf(error) };
  }
}

/** One line that says why; passwords in addresses are left out. */
function reasonOf(error: unknown): string {
  // Node's error for a name with several addresses has no message of its own.
  const inner: unknown = error instanceof AggregateError && error.message === '' ? error.errors[0] : error;
  const text = inner instanceof Error ? inner.message || inner.name : String(inner);
  return text
    .replaceAll(/\/\/[^/@\s]*@/g, '//…@')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** What waits in the home's spool, or was set aside; null: nothing. */
async function readSpool(home: string): Promise<SpoolFacts | null> {
  const { objects, bytes, oldest, broken } = await spoolState(home);
  if (objects + broken === 0) return null;
  return { answers: objects, bytes, oldestMs: oldest === null ? null : Date.parse(oldest), broken };
}
