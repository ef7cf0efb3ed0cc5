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
import { collectionAt, type CollectionEntry, intervalOf } from '../../stores/collectionLog.js';
import { openKnownRaw } from '../../stores/knownRaw.js';
import { readRawState, type RawState } from '../../stores/rawState.js';
import { readRecentRuns, type SlotRun } from '../../stores/slotRuns.js';
import { spoolState } from '../../stores/spool.js';
import type { Store } from '../../stores/store.js';
import { namesTemporal, openClient } from '../../temporal/client.js';
import { isRedshift } from '../../domain/warehouseAddress.js';
import { type LoadedState, readLoadedState } from '../../warehouse/open.js';
import type { Context } from '../context/context.js';
import { readFailedLoads } from '../loads/failedLoads.js';
import { readSpace } from './freeSpace.js';

/** State of an installation, with the facts that it was derived from. */
export interface Status {
  /** ISO instant at which the status was read. */
  at: string;
  home: string;
  level: StatusLevel;
  /** Findings, the most severe first. */
  findings: StatusFinding[];
  /** The process that owns the home directory; null when there is none. */
  service: ServiceStatus | null;
  schedules: ScheduleReport[] | Unknown;
  /** The last slot that was run; null when none was. */
  lastSlot: SlotFacts['runs'][number] | null;
  failedLoads: FailedLoad[] | null | Unknown;
  /** null when it was not read. */
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
  /** Time limit of each source, in milliseconds. Default: 5 s, and 30 s for Redshift, which may have to wake. */
  timeoutMs?: number;
  /** Whether to list the feeds and days of the raw store too, which takes several requests per feed. Default: false. */
  withRawState?: boolean;
  /** Whether to query the warehouse. Default: true. */
  withWarehouse?: boolean;
}

const TIMEOUT_MS = 5_000;
const REDSHIFT_TIMEOUT_MS = 30_000;
/** Number of days whose slots and loads are read. */
const DAYS = 8;
/** Number of days for which failed loads are reported. Temporal deletes older workflow runs. */
const FAILED_LOAD_DAYS = 30;

/**
 * Reads the status of an installation, any number of times. It prints, starts and writes nothing, and never throws.
 * A source that does not respond within its time limit is reported as unknown; the other sources are still reported.
 * A source with a pending request is not asked again.
 *
 * @example
 * const reader = new StatusReader(context); // once
 * const { level, findings } = await reader.read(); // every minute
 */
export class StatusReader {
  /** Sources with a pending request, with the time of the request in milliseconds since the epoch. */
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

  /** Read one source within its time limit. */
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

/** Read what the raw store records of recent polls. Writes nothing. */
async function readSlots(store: Store, usualMinutes: number, nowMs: number): Promise<SlotFacts> {
  const collection = await collectionAt(store, nowMs);
  const slower = slowerFeeds(collection);
  const slots = FAILING_AFTER_SLOTS * Math.max(1, ...Object.values(slower));
  const { runs, days } = await readRecentRuns(store, { slots, days: DAYS });
  const isPolled = collection?.feeds.some(({ paused }) => !paused) === true;
  return {
    intervalMinutes: collection?.interval_minutes ?? usualMinutes,
    expectedSinceMs: isPolled ? Date.parse(collection.at) : null,
    feeds: collection?.feeds.length ?? null,
    slower,
    runs: runs.map((of) => ({ slot: of.slot, ...sumUp(of.runs, slower) })),
    days,
  };
}

/** Return the polled feeds with a longer interval of their own, with how many slots their interval has. */
function slowerFeeds(collection: CollectionEntry | null): Record<string, number> {
  if (collection === null) return {};
  const times = collection.feeds
    .filter(({ paused }) => !paused)
    .map((feed) => [feed.name, intervalOf(feed, collection) / collection.interval_minutes] as const);
  return Object.fromEntries(times.filter(([, slots]) => slots > 1));
}

/**
 * Sum up the runs of one slot. A slot may be run more than once.
 * A feed counts as stored when any run stored it. Otherwise, a run with another reason takes precedence over `late`.
 */
function sumUp(
  runs: readonly SlotRun[],
  slower: Record<string, number>,
): Omit<SlotFacts['runs'][number], 'slot'> {
  const reasons = new Map<string, string | null>();
  for (const { feed, outcome, reason } of runs.flatMap(({ outcomes }) => outcomes)) {
    const known = reasons.get(feed);
    if (outcome === 'stored') reasons.set(feed, null);
    else if (known === undefined || known === 'late') reasons.set(feed, reason ?? outcome);
  }
  const notStored = [...reasons].filter((entry): entry is [string, string] => entry[1] !== null);
  const storedSlower = Object.keys(slower).filter((feed) => reasons.get(feed) === null);
  return {
    stored: reasons.size - notStored.length,
    notStored: Object.fromEntries(notStored),
    ...(storedSlower.length > 0 && { storedSlower }),
  };
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

/** Read which process owns the home directory. Of a damaged or other release's record, read as much as possible. */
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

/** Return the reason in one line, without the passwords of addresses. */
function reasonOf(error: unknown): string {
  // Node's error for a host name with several addresses has an empty message.
  const inner: unknown = error instanceof AggregateError && error.message === '' ? error.errors[0] : error;
  const text = inner instanceof Error ? inner.message || inner.name : String(inner);
  return text
    .replaceAll(/\/\/[^/@\s]*@/g, '//…@')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** Read how many answers wait in the home's spool or were set aside there as broken; null when there are none. */
async function readSpool(home: string): Promise<SpoolFacts | null> {
  const { objects, bytes, oldest, broken } = await spoolState(home);
  if (objects + broken === 0) return null;
  return { answers: objects, bytes, oldestMs: oldest === null ? null : Date.parse(oldest), broken };
}
