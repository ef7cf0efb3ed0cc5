import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../../src/local/cache.js';
import { startTimeOf } from '../../src/local/processIdentity.js';
import { resetHome } from '../../src/local/reset.js';
import { startSupervisor, type Supervisor, type SupervisorOptions } from '../../src/local/supervisor.js';
import { SEARCH_ATTRIBUTE_TYPES } from '../../src/temporal/searchAttributes.js';
import { openPool } from '../../src/warehouse/postgres/database.js';
import { migrate } from '../../src/warehouse/postgres/migrate.js';
import { migrateStandIn } from '../warehouse/redshift/standIn/migrate.js';
import { TEMPLATES } from './template.js';

const COMPONENT_NAMES = ['temporal', 'postgres', 'redshift', 'cluster', 'workflows'] as const;
export type ComponentName = (typeof COMPONENT_NAMES)[number];

/** Components with a home of their own in the run's folder. */
const HOMES = ['temporal', 'postgres', 'cluster'] as const satisfies ComponentName[];
type Home = (typeof HOMES)[number];

const FOLDER_PREFIX = 'ladepuls-run-';
const WORKFLOWS = fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url));

/**
 * What all test files of a run share: a Temporal, a Postgres, its template for Redshift, a bundle of the workflows. Each is started when it is
 * first asked for, in a temporary folder; where this process is killed, the supervisors' guards stop them.
 */
export class SharedComponents {
  private readonly started = new Map<ComponentName, Promise<string>>();
  private readonly supervisors: Supervisor[] = [];
  private readonly ending = new AbortController();

  private constructor(
    private readonly folder: string,
    private readonly onProgress: (line: string) => void,
  ) {}

  static async create(onProgress: (line: string) => void): Promise<SharedComponents> {
    await removeAbandoned(onProgress);
    return new SharedComponents(mkdtempSync(join(tmpdir(), `${FOLDER_PREFIX}${process.pid}-`)), onProgress);
  }

  /** Starts a component, unless it was, and tells where it is, as {@link file://./sharedComponent.ts} describes. */
  provide(name: string): Promise<string> {
    if (!isComponentName(name)) return Promise.reject(new Error(`There is no shared component "${name}".`));
    const component = this.started.get(name) ?? this.start(name);
    this.started.set(name, component);
    return component;
  }

  /** Stops what was started, whatever it is at, and removes all that it made. */
  async stop(): Promise<void> {
    this.ending.abort(new Error('The test run has ended.'));
    await Promise.allSettled(this.started.values());
    await Promise.all(this.supervisors.map((supervisor) => supervisor.stop()));
    await removeFolder(this.folder);
  }

  private start(name: ComponentName): Promise<string> {
    switch (name) {
      case 'temporal':
        return this.startTemporal();
      case 'postgres':
        return this.startPostgres();
      case 'redshift':
        return this.addRedshift();
      case 'cluster':
        return this.makeCluster();
      case 'workflows':
        return bundleWorkflows(join(this.folder, 'workflow-bundle.js'));
    }
  }

  private async startTemporal(): Promise<string> {
    const port = { port: undefined, setting: 'no setting' };
    const searchAttributes = SEARCH_ATTRIBUTE_TYPES;
    const { addresses } = await this.supervise('temporal', { temporal: { port, searchAttributes } });
    return required(addresses.temporalAddress);
  }

  private async startPostgres(): Promise<string> {
    const port = { port: undefined, setting: 'no setting' };
    const { addresses } = await this.supervise('postgres', { postgres: { port } });
    const url = required(addresses.postgresUrl);
    await spareMachine(url, join(this.folder, 'postgres'));
    const template = openPool(await createTemplate(url, TEMPLATES.warehouse), 1);
    await migrate(template).finally(() => template.end());
    return url;
  }

  /** Adds the template of databases with the warehouse of Redshift to the shared Postgres. */
  private async addRedshift(): Promise<string> {
    const url = await this.provide('postgres');
    await migrateStandIn(await createTemplate(url, TEMPLATES.redshift));
    return url;
  }

  /** Makes a home whose Postgres has started once. */
  private async makeCluster(): Promise<string> {
    const port = { port: undefined, setting: 'no setting' };
    const supervisor = await this.supervise('cluster', { postgres: { port } });
    await supervisor.stop();
    return join(this.folder, 'cluster');
  }

  private async supervise(name: Home, components: SupervisorOptions['components']): Promise<Supervisor> {
    const { onProgress } = this;
    const supervisor = await startSupervisor({
      home: join(this.folder, name),
      mode: 'service',
      components,
      cacheDir: cacheFolder(undefined, process.env),
      env: process.env,
      onProgress: () => undefined, // what takes long is fetched by now
      log: onProgress,
      signal: this.ending.signal,
    });
    this.supervisors.push(supervisor);
    return supervisor;
  }
}

function isComponentName(name: string): name is ComponentName {
  return COMPONENT_NAMES.some((known) => known === name);
}

/**
 * Has the server not wait for the disk, and check passwords quickly: tests open thousands of connections. No test here
 * loses power; those that crash a Postgres have their own.
 */
async function spareMachine(ownerUrl: string, home: string): Promise<void> {
  const { superuserPassword } = JSON.parse(readFileSync(join(home, 'postgres.json'), 'utf8')) as {
    superuserPassword: string;
  };
  const url = new URL(ownerUrl);
  Object.assign(url, { username: 'postgres', password: superuserPassword, pathname: 'postgres' });
  const server = openPool(url.href, 1);
  try {
    for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes'])
      await server.query(`alter system set ${setting} = off`);
    // Copies of templates then take a third of the processor's time.
    await server.query('alter system set file_copy_method = clone');
    await server.query('select pg_reload_conf()');
    await server.query('set scram_iterations = 1');
    const { username, password } = new URL(ownerUrl);
    await server.query(`alter role ${username} password '${password}'`);
  } finally {
    await server.end();
  }
}

/** Creates an empty database of which those of the test files become copies. Returns its address. */
async function createTemplate(url: string, name: string): Promise<string> {
  const server = openPool(url, 1);
  await server.query(`create database ${name}`).finally(() => server.end());
  return Object.assign(new URL(url), { pathname: name }).href;
}

async function bundleWorkflows(path: string): Promise<string> {
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const { code } = await bundleWorkflowCode({ workflowsPath: WORKFLOWS, logger: new DefaultLogger('WARN') });
  await writeFile(path, code);
  return path;
}

/** Removes what runs left that were killed. */
async function removeAbandoned(onProgress: (line: string) => void): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${FOLDER_PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || startTimeOf(Number(pid)) !== null) continue;
    const folder = join(tmpdir(), name);
    try {
      if (statSync(folder).uid === process.getuid?.()) await removeFolder(folder);
    } catch (error) {
      // Another run may be removing it too.
      if (existsSync(folder)) onProgress(`${folder} of a killed test run can't be removed: ${String(error)}`);
    }
  }
}

/** Removes a run's folder, and what its Postgres keeps elsewhere where root runs it. */
async function removeFolder(folder: string): Promise<void> {
  const quiet = () => undefined;
  for (const name of HOMES) {
    const home = join(folder, name);
    if (existsSync(home)) await resetHome(home, quiet, new AbortController().signal);
  }
  await rm(folder, { recursive: true, force: true });
}

function required(address: string | undefined): string {
  if (address === undefined)
    throw new Error('The supervisor started a component without telling its address.');
  return address;
}
