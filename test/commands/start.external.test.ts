import { existsSync, mkdtempSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServiceReport } from '../../src/commands/running/report.js';
import { simulateFleet } from '../../src/simulation/feed/fleet.js';
import { type SimulatedFeed, startSimulatedFeed } from '../../src/simulation/feed/server.js';
import { processesOf } from '../local/support/processes.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { temporalAddress } from '../support/temporal.js';
import { Command } from './support/command.js';
import { makeNamespace } from './support/namespace.js';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ladepuls-external-')));
const home = join(folder, 'home');
let namespace: string;

let feed: SimulatedFeed;
let database: TestDatabase;
let address: string;

const run = (...args: string[]) => runWith({}, ...args);

const runWith = (settings: Record<string, string>, ...args: string[]) =>
  new Command(
    args,
    {
      LADEPULS_HOME: home,
      LADEPULS_CHARGECLOUD_URL: feed.url,
      LADEPULS_FEEDS: 'bonn',
      LADEPULS_INTERVAL: '1m',
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: namespace,
      DATABASE_URL: database.url,
      ...settings,
    },
    folder,
  );

beforeAll(async () => {
  feed = await startSimulatedFeed({
    contents: [simulateFleet({ seed: 1, feeds: ['bonn'], stationsPerFeed: 3 })],
  });
  database = await createDatabase('nothing');
  address = await temporalAddress();
  namespace = await makeNamespace(address);
});

afterAll(async () => {
  for (const { pid } of processesOf(folder)) process.kill(pid, 'SIGKILL');
  await feed.stop();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

describe('ladepuls start with Temporal and Postgres that run elsewhere', { timeout: 120_000 }, () => {
  it('runs the worker alone, on a namespace and a database that it prepares', async () => {
    const service = run('start', '--json');
    const report = (await service.json()) as ServiceReport;
    expect(report).toMatchObject({
      temporalAddress: address,
      temporalNamespace: namespace,
      temporalUiUrl: null,
      warehouseUrl: database.url,
    });
    await service.until(() => / {2}1 of 1 feeds stored/.test(service.stderr), 'a slot is polled');
    const status = run('status', '--json');
    expect(await status.exited()).toBe(0);
    expect(JSON.parse(status.stdout)).toMatchObject({
      service: { mode: 'service', temporalAddress: null, warehouse: null },
      schedules: [{ id: 'acquire', state: 'active' }, { id: 'load-day' }, { id: 'reload-changed' }],
      warehouse: { days: 0 },
    });
    service.kill('SIGTERM');
    expect(await service.exited()).toBe(0);
    expect(processesOf(folder)).toEqual([]);
    expect(['temporal.db', 'postgres.json'].filter((name) => existsSync(join(home, name)))).toEqual([]);
  });

  it('says so where Temporal has no such namespace', async () => {
    const command = runWith({ TEMPORAL_NAMESPACE: 'nowhere' }, 'schedules', 'apply');
    expect(await command.exited()).toBe(1);
    expect(command.stderr).toContain('Temporal has no namespace nowhere. Set TEMPORAL_NAMESPACE to');
    expect(command.stderr).toContain('temporal operator namespace create --namespace nowhere');
  });

  it('hides the password of DATABASE_URL on the screen', async () => {
    const service = run('start');
    await service.until(() => service.stdout.includes('Ctrl-C stops Ladepuls'), 'the screen');
    service.kill('SIGINT');
    expect(await service.exited()).toBe(0);
    expect(service.stdout).toContain(`Temporal    ${address}, namespace ${namespace}`);
    expect(service.stdout).not.toContain(new URL(database.url).password);
    expect(service.stdout).toMatch(/LADEPULS_CONTACT is not set[^]*Stopping …\n$/);
  });
});
