import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client, WorkflowHandle } from '@temporalio/client';
import pg from 'pg';
import type { AcquireActivities } from '../../../src/activities/registry.js';
import { openQueue } from '../../../src/app/queueActivities.js';
import type { Day } from '../../../src/domain/day.js';
import { openStore } from '../../../src/stores/open.js';
import type { Store } from '../../../src/stores/store.js';
import type { LoadDayResult } from '../../../src/workflows/loadOnce.js';
import type { loadDay } from '../../../src/workflows/index.js';
import { QUEUES } from '../../../src/temporal/names.js';
import { readConfig } from '../../../src/settings/config.js';
import { createDatabase } from '../../support/database.js';
import { startWorker, type TestWorker } from '../../support/temporal.js';
import { openNamespace, type TestNamespace } from './namespace.js';

export const TIME_ZONE = 'Europe/Berlin';
export const INTERVAL_MINUTES = 10;

/** As many as in a worker process: see `LADEPULS_LOAD_SLOTS`. */
const LOAD_SLOTS = 4;

const SILENT = { info: () => undefined, warn: () => undefined };

/** Addresses of a raw and a flat store; absent: folders in the system's own. */
export interface StoreUrls {
  rawUrl: string;
  flatUrl: string;
}

/**
 * All parts of an installation for a test file: a Temporal namespace, a migrated database and two stores, which nobody
 * else sees. Nothing works on them until a worker is started.
 */
export class TestSystem {
  private readonly closings: (() => Promise<unknown>)[] = [];

  private constructor(
    /** A folder that goes with the system. */
    readonly folder: string,
    readonly namespace: TestNamespace,
    readonly databaseUrl: string,
    readonly database: pg.Pool,
    readonly urls: StoreUrls,
    readonly raw: Store,
  ) {}

  static async open(urls?: StoreUrls): Promise<TestSystem> {
    const folder = await mkdtemp(join(tmpdir(), 'ladepuls-e2e-'));
    const [namespace, database] = await Promise.all([openNamespace(), createDatabase()]);
    const stores = urls ?? { rawUrl: `file:${folder}/raw`, flatUrl: `file:${folder}/flat` };
    const pool = new pg.Pool({ connectionString: database.url, options: '-c timezone=UTC' });
    const system = new TestSystem(folder, namespace, database.url, pool, stores, openStore(stores.rawUrl));
    system.closings.push(
      () => rm(folder, { recursive: true, force: true }),
      () => database.drop(),
      () => pool.end(),
      () => namespace.close(),
      () => system.raw.close(),
    );
    return system;
  }

  get client(): Client {
    return this.namespace.client;
  }

  /** The settings by which processes of their own find the system's parts. */
  get settings() {
    const { namespace, databaseUrl, urls, folder } = this;
    return {
      TEMPORAL_ADDRESS: namespace.address,
      TEMPORAL_NAMESPACE: namespace.name,
      DATABASE_URL: databaseUrl,
      RAW_STORE: urls.rawUrl,
      FLAT_STORE: urls.flatUrl,
      LADEPULS_HOME: folder,
      LADEPULS_TIME_ZONE: TIME_ZONE,
    };
  }

  /** What activities take for now, in milliseconds since the epoch; null: the clock. */
  nowMs: number | null = null;

  /** Runs a real worker for loads, in this process, until it is stopped or the system is closed. */
  async startLoading(): Promise<void> {
    await this.startWorker('load', await this.openQueue('load'), LOAD_SLOTS);
  }

  /**
   * Runs real workers for polls and for current statuses, in this process, until the system is closed or the first is
   * stopped.
   *
   * @param activities those of polls; absent: as a worker has them, by the system's settings and these
   */
  async startAcquiring(
    activities?: AcquireActivities,
    settings: Record<string, string> = {},
  ): Promise<TestWorker> {
    await this.startWorker('current', await this.openQueue('current'), 2);
    return this.startWorker('acquire', activities ?? (await this.openQueue('acquire', settings)), 24);
  }

  /** Starts a load of a day, as `ladepuls load` does. */
  startLoad(day: Day): Promise<WorkflowHandle<typeof loadDay>> {
    return this.client.workflow.start<typeof loadDay>('loadDay', {
      taskQueue: QUEUES.load,
      workflowId: `loadDay-${day}-${randomUUID()}`,
      args: [{ day, reason: 'load' }],
    });
  }

  /** Loads a day and waits for it. */
  async load(day: Day): Promise<LoadDayResult> {
    return (await this.startLoad(day)).result();
  }

  /** The rows of a query on the warehouse, as its owner, in UTC. */
  async query<Row extends object = Record<string, unknown>>(
    text: string,
    values: unknown[] = [],
  ): Promise<Row[]> {
    return (await this.database.query<Row>(text, values)).rows;
  }

  /** Stops what was started, the last first, and removes all that it made. */
  async close(): Promise<void> {
    for (const close of this.closings.reverse()) await close();
  }

  /** Opens a queue's activities as a worker process does. */
  private async openQueue(
    queue: keyof typeof QUEUES,
    settings: Record<string, string> = {},
  ): Promise<object> {
    const config = readConfig({ ...this.settings, ...settings });
    const opened = await openQueue(queue, config, SILENT, { now: () => this.nowMs ?? Date.now() });
    this.closings.push(() => opened.close());
    return opened.activities;
  }

  private async startWorker(
    queue: keyof typeof QUEUES,
    activities: object,
    slots: number,
  ): Promise<TestWorker> {
    const taskQueue = QUEUES[queue];
    const worker = await startWorker(activities, {
      namespace: this.namespace.name,
      taskQueue,
      maxConcurrentActivityTaskExecutions: slots,
      // Workflows here only wait for activities.
      workflowThreadPoolSize: 1,
    });
    let stopped: Promise<void> | undefined;
    const stop = () => (stopped ??= worker.stop());
    this.closings.push(stop);
    return { taskQueue, stop };
  }
}
