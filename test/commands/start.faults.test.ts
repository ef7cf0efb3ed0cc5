import { once } from 'node:events';
import { mkdtempSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Status } from '../../src/commands/status/reader.js';
import { readOwner } from '../../src/local/homeLock.js';
import { resetHome } from '../../src/local/reset.js';
import { simulateFleet } from '../../src/simulation/feed/fleet.js';
import { type SimulatedFeed, startSimulatedFeed } from '../../src/simulation/feed/server.js';
import { processesOf } from '../local/support/processes.js';
import { until } from '../local/support/supervised.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { temporalAddress } from '../support/temporal.js';
import { Command } from './support/command.js';
import { makeNamespace } from './support/namespace.js';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

let feed: SimulatedFeed;
let database: TestDatabase;
let address: string;

/** A home whose service uses a Temporal and a warehouse that run elsewhere, unless it is told otherwise. */
async function newHome(settings: Record<string, string | undefined> = {}) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ladepuls-faults-')));
  const home = join(folder, 'home');
  const all: Record<string, string | undefined> = {
    LADEPULS_HOME: home,
    LADEPULS_CHARGECLOUD_URL: feed.url,
    LADEPULS_FEEDS: 'bonn',
    LADEPULS_INTERVAL: '1m',
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: await makeNamespace(address),
    DATABASE_URL: database.url,
    ...settings,
  };
  const env = Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => !!entry[1]),
  );
  onTestFinished(async () => {
    for (const { pid } of processesOf(folder)) process.kill(pid, 'SIGKILL');
    await until(() => processesOf(folder).length === 0 && readOwner(home) === null, 'all of it is gone');
    await resetHome(home, () => undefined, new AbortController().signal);
    await rm(folder, { recursive: true, force: true });
  });
  const run = (...args: string[]) => new Command(args, env, folder);
  const status = async () => {
    const command = run('status', '--json');
    await command.exited();
    return JSON.parse(command.stdout) as Status;
  };
  return { folder, run, status };
}

/** A port that something else listens on, until it is freed. */
async function takePort(): Promise<{ port: string; free: () => void }> {
  const server = createServer((socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const taken = server.address();
  onTestFinished(() => void server.close());
  return { port: String(typeof taken === 'object' ? taken?.port : ''), free: () => void server.close() };
}

beforeAll(async () => {
  feed = await startSimulatedFeed({
    contents: [simulateFleet({ seed: 1, feeds: ['bonn'], stationsPerFeed: 3 })],
  });
  database = await createDatabase();
  address = await temporalAddress();
});

afterAll(async () => {
  await feed.stop();
  await database.drop();
});

describe('a setting that is wrong ends the start with exit status 78', () => {
  it.each([
    ['the port of the health answers', 'LADEPULS_HEALTH_PORT', {}],
    [
      "Temporal's port",
      'LADEPULS_TEMPORAL_PORT',
      { TEMPORAL_ADDRESS: undefined, TEMPORAL_NAMESPACE: undefined },
    ],
  ])('%s is taken', async (_what, setting, more) => {
    const { port } = await takePort();
    const { run } = await newHome({ [setting]: port, ...more });
    const service = run('start');
    expect(await service.exited()).toBe(78);
    expect(service.stderr).toContain(`Port ${port}, fixed by ${setting}, is taken by another process`);
  });

  it('the cache can not be written to', async () => {
    const { run } = await newHome({ LADEPULS_CACHE: '/dev/null/nowhere' });
    const service = run('start');
    expect(await service.exited()).toBe(78);
    expect(service.stderr).toContain('Set LADEPULS_CACHE to a folder that this user may write to.');
  });
});

describe('what polling does not need ends nothing', () => {
  it('the port of the API is taken: that is told, and tried again', async () => {
    const { port, free } = await takePort();
    const { run, status } = await newHome({ LADEPULS_API_PORT: port });
    const service = run('start', '--json');
    await service.until(
      () => service.stderr.includes(`The API: Port ${port}, fixed by LADEPULS_API_PORT, is taken`),
      'that is told',
    );
    expect((await status()).findings).toContainEqual(
      expect.objectContaining({
        id: 'part_down',
        subject: 'api',
        severity: 'warning',
        text: expect.stringContaining(`LADEPULS_API_PORT, is taken`) as string,
      }),
    );
    free();
    await service.until(() => /The API: done after \d+ failed attempt/.test(service.stderr), 'it answers');
    service.kill('SIGTERM');
    expect(await service.exited()).toBe(0);
  });

  it("Postgres' port is taken: polls go on without the warehouse, until it can be had", async () => {
    const { port, free } = await takePort();
    const { run, status } = await newHome({ LADEPULS_POSTGRES_PORT: port, DATABASE_URL: undefined });
    const service = run('start', '--json');
    await service.until(() => service.stderr.includes('components without the warehouse'), 'that is told');
    await service.until(() => / {2}1 of 1 feeds stored/.test(service.stderr), 'a slot is polled');
    expect((await status()).findings).toContainEqual(
      expect.objectContaining({
        id: 'part_down',
        subject: 'postgres',
        severity: 'critical',
        text: expect.stringContaining('LADEPULS_POSTGRES_PORT, is taken') as string,
      }),
    );
    free();
    await service.until(() => service.stderr.includes('Starting all components again'), 'it can be had');
    await service.until(() => service.stdout.trim().split('\n').length === 2, 'everything is up again');
    expect((await status()).service).toMatchObject({ warehouse: 'embedded' });
    service.kill('SIGTERM');
    expect(await service.exited()).toBe(0);
  });

  it('a raw store that is down, of a home that knows no feeds', async () => {
    const { folder, run, status } = await newHome({
      RAW_STORE: 's3://bucket/raw',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'key',
    });
    const service = run('start', '--json');
    await service.until(() => service.stderr.includes('The addresses of what runs:'), 'that is told');
    await until(async () => (await status()).service?.apiUrl !== null, 'all parts run');
    expect(processesOf(folder).some(({ command }) => command.endsWith('worker.js'))).toBe(true);
    service.kill('SIGTERM');
    expect(await service.exited()).toBe(0);
  });

  it('a Temporal elsewhere that is down when it starts', async () => {
    const { port, free } = await takePort();
    const { run } = await newHome({ TEMPORAL_ADDRESS: `127.0.0.1:${port}` });
    const service = run('start', '--json');
    await service.until(() => /Preparing the start: /.test(service.stderr), 'that is told');
    free();
    // The same address leads to Temporal from now on.
    const [host, real] = address.split(':');
    const proxy = createServer((socket) => {
      const onward = connect({ host: host ?? '', port: Number(real) });
      socket.on('error', () => onward.destroy()).pipe(onward);
      onward.on('error', () => socket.destroy()).pipe(socket);
    });
    proxy.listen(Number(port), '127.0.0.1');
    onTestFinished(() => void proxy.close());
    await service.until(() => / {2}1 of 1 feeds stored/.test(service.stderr), 'a slot is polled');
    service.kill('SIGTERM');
    expect(await service.exited()).toBe(0);
  });
});
