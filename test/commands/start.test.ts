import { once } from 'node:events';
import { mkdtempSync, realpathSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ServiceReport } from '../../src/commands/running/report.js';
import type { Coverage } from '../../src/domain/coverage.js';
import { readOwner } from '../../src/local/homeLock.js';
import { simulateFleet } from '../../src/simulation/feed/fleet.js';
import { type SimulatedFeed, startSimulatedFeed } from '../../src/simulation/feed/server.js';
import { openStore } from '../../src/stores/open.js';
import { listRaw, listRawDays } from '../../src/stores/raw.js';
import { clusterFolder, processesOf } from '../local/support/processes.js';
import { Command } from './support/command.js';

const FEEDS = ['bonn', 'kiel', 'roth'];
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ladepuls-start-')));
const home = join(folder, 'home');
const raw = openStore(`file:${home}/raw`);

let feed: SimulatedFeed;
let service: Command;
let report: ServiceReport;

const run = (args: string[], env: Record<string, string> = {}) =>
  new Command(
    args,
    {
      LADEPULS_HOME: home,
      LADEPULS_CHARGECLOUD_URL: feed.url,
      LADEPULS_FEEDS: 'bonn kiel',
      LADEPULS_INTERVAL: '1m',
      ...env,
    },
    folder,
  );

/** What a command prints as JSON. It must end well, or with the exit status that is named. */
async function ask(args: string[], exitStatus = 0): Promise<unknown> {
  const command = run([...args, '--json']);
  const code = await command.exited();
  expect([code, command.stderr]).toEqual([exitStatus, expect.anything()]);
  return JSON.parse(command.stdout);
}

/** How a command fails: its exit code and its line. */
async function fail(args: string[], env: Record<string, string> = {}, code = 1): Promise<string> {
  const command = run(args, env);
  expect(await command.exited()).toBe(code);
  return command.stderr.trim();
}

async function begin(env: Record<string, string> = {}): Promise<void> {
  service = run(['start', '--json'], env);
  report = (await service.json()) as ServiceReport;
}

async function end(signal: NodeJS.Signals): Promise<void> {
  service.kill(signal);
  expect(await service.exited()).toBe(0);
  expect(processesOf(folder)).toEqual([]);
  expect(readOwner(home)).toBeNull();
}

/** A slot run's line, such as "12:10  2 of 2 feeds stored". */
async function slotLine(pattern: RegExp): Promise<void> {
  await service.until(() => pattern.test(service.stderr), `a line like ${pattern}`);
}

/** Has the schedule poll now, until a slot ends like that: in its last seconds, a slot is not polled any more. */
async function pollUntil(pattern: RegExp): Promise<void> {
  const connection = await Connection.connect({ address: report.temporalAddress });
  try {
    const already = service.stderr.length;
    while (!pattern.test(service.stderr.slice(already))) {
      await new Client({ connection }).schedule.getHandle('acquire').trigger();
      await setTimeout(3_000);
    }
  } finally {
    await connection.close();
  }
}

/** Good answers in the raw store, by feed and slot. */
async function bodies(): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const name of FEEDS)
    for (const day of await listRawDays(raw, 'accepted', name))
      for await (const { slot } of listRaw(raw, 'accepted', name, day))
        counts.set(`${name} ${slot}`, (counts.get(`${name} ${slot}`) ?? 0) + 1);
  return counts;
}

beforeAll(async () => {
  feed = await startSimulatedFeed({
    contents: [simulateFleet({ seed: 1, feeds: FEEDS, stationsPerFeed: 3 })],
  });
});

afterAll(async () => {
  for (const { pid } of processesOf(folder)) process.kill(pid, 'SIGKILL');
  const cluster = clusterFolder(home);
  await run(['reset', '--yes']).exited();
  await feed.stop();
  await rm(folder, { recursive: true, force: true });
  if (cluster !== null) await rm(cluster, { recursive: true, force: true });
});

describe('where nothing runs', () => {
  it.each([
    [['warehouse-url'], /The warehouse does not run. Start it with "ladepuls start"/],
    [['schedules', 'list'], /Temporal does not run. Start it with "ladepuls start"/],
  ])('%j says so', async (args, message) => {
    expect(await fail(args)).toMatch(message);
  });

  it('status says so, and starts nothing', async () => {
    expect(await ask(['status'], 2)).toMatchObject({
      home,
      findings: [{ id: 'nothing_runs' }],
      service: null,
      raw: { feeds: 0, lastRun: null },
    });
  });

  it('start refuses a home of simulated data', async () => {
    const simulated = realpathSync(mkdtempSync(join(folder, 'simulated-')));
    await writeFile(join(simulated, 'simulated'), '');
    expect(await fail(['start'], { LADEPULS_HOME: simulated }, 78)).toContain(
      'set LADEPULS_HOME to another folder',
    );
  });
});

describe('ladepuls start', { timeout: 120_000 }, () => {
  beforeAll(() => begin(), 120_000);
  afterAll(() => end('SIGINT'), 60_000);

  it('tells scripts where everything is', async () => {
    expect(report).toMatchObject({ home, alreadyRunning: false, feeds: 2, intervalMinutes: 1 });
    expect((await fetch(report.temporalUiUrl ?? '')).status).toBe(200);
    expect(Date.parse(report.nextLoad ?? '')).toBeGreaterThan(Date.now());
  });

  it('answers over HTTP what is free now, as soon as feeds have been polled', async () => {
    const url = report.apiUrl ?? '';
    const stations = async () => {
      const { data } = (await (await fetch(`${url}/v1/charging-points`)).json()) as { data: object[] };
      const feeds = (await (await fetch(`${url}/v1/feeds`)).json()) as { data: { outcome: string }[] };
      return [data.length, feeds.data.map(({ outcome }) => outcome)];
    };
    // Charging points appear with the first day that is loaded; feeds with their first poll.
    await expect.poll(stations, { timeout: 90_000 }).toEqual([0, ['stored', 'stored']]);
    expect((await fetch(`${url}/docs`)).status).toBe(200);
  });

  it('gives readers a connection that can only read', async () => {
    const reader = new pg.Client(report.warehouseUrl);
    await reader.connect();
    try {
      expect((await reader.query('select from status_chargingpoints')).rowCount).toBe(0);
      await expect(reader.query('delete from time')).rejects.toThrow(/permission denied|read-only/);
    } finally {
      await reader.end();
    }
    expect(await ask(['warehouse-url'])).toEqual({ url: report.warehouseUrl });
    expect(await ask(['warehouse-url', '--owner'])).not.toEqual({ url: report.warehouseUrl });
  });

  it('polls at once, and tells of every slot', async () => {
    await slotLine(/\d\d:\d\d {2}2 of 2 feeds stored/);
    expect(Math.min(...[...(await bodies()).values()])).toBe(1);
  });

  it('is well by the doctor, who changes nothing of what runs', async () => {
    const notWell = async () => {
      const command = run(['doctor', '--json']);
      await command.exited();
      const examined = JSON.parse(command.stdout) as { check: string; state: string; message: string }[];
      expect(examined).toContainEqual(
        expect.objectContaining({ check: 'Temporal', message: expect.stringContaining('Workers') as string }),
      );
      expect(examined).toContainEqual(
        expect.objectContaining({
          check: 'running',
          message: expect.stringContaining(`process ${readOwner(home)?.pid}`) as string,
        }),
      );
      // How full the disk of this machine is, is none of the test's.
      return examined.filter(({ check, state }) => state !== 'ok' && check !== 'disk');
    };
    await expect.poll(notWell, { timeout: 90_000, interval: 1_000 }).toEqual([]);
  });

  it('started again prints the addresses of the first', async () => {
    expect(await ask(['start'])).toEqual({
      ...report,
      alreadyRunning: true,
      nextLoad: expect.any(String) as string,
    });
  });

  it('goes on where it was stopped: no slot is polled twice, and changed settings hold', async () => {
    await end('SIGTERM');
    await begin({ LADEPULS_FEEDS: 'kiel roth' });
    await slotLine(/\d\d:\d\d {2}2 of 2 feeds stored/);
    const after = await bodies();
    expect([...after.values()].every((count) => count === 1)).toBe(true);
    expect([...after.keys()].some((key) => key.startsWith('roth'))).toBe(true);
  });

  it('collects other feeds as soon as it is told so', async () => {
    await ask(['feeds', 'add', 'bonn']);
    await ask(['feeds', 'pause', 'kiel']);
    await pollUntil(/\d\d:\d\d {2}2 of 3 feeds stored; kiel: paused/);
    await ask(['feeds', 'resume', 'kiel']);
    await ask(['feeds', 'remove', 'roth']);
    const { feeds } = (await ask(['feeds', 'list'])) as { feeds: { name: string; paused: boolean }[] };
    expect(feeds.map(({ name, paused }) => [name, paused])).toEqual([
      ['kiel', false],
      ['bonn', false],
    ]);
  });

  it('has its status told', async () => {
    expect(await ask(['status'])).toMatchObject({
      findings: [],
      service: { mode: 'service', temporalUiUrl: report.temporalUiUrl, warehouse: 'embedded' },
      schedules: [
        { id: 'acquire', state: 'active', lastRun: expect.stringMatching(/^acquireSlot-/) as string },
        { id: 'load-day', state: 'active', last: null },
        { id: 'reload-changed', state: 'active' },
      ],
      raw: { feeds: 3, lastRun: { stored: expect.any(Number) as number } },
      warehouse: { day: null, days: 0 },
    });
  });

  it('has its coverage told: all is accounted for', async () => {
    const before = await bodies();
    const { total, feeds } = (await ask(['coverage'])) as {
      total: Coverage;
      feeds: { total: Coverage; unexpected: number }[];
    };
    expect(total.expected).toBe(total.stored + total.failed + total.missed);
    // The slot that was under way when collecting began was polled without being expected.
    const stored = feeds.map((covered) => covered.total.stored + covered.unexpected);
    expect(stored.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(before.size);
    expect(before.size).toBeGreaterThan(0);
  });

  it('has its schedules paused and resumed', async () => {
    const states = async (args: string[]) =>
      ((await ask(['schedules', ...args])) as { id: string; state: string }[]).map(({ id, state }) => [
        id,
        state,
      ]);
    expect(await states(['pause', 'load-day'])).toEqual([['load-day', 'paused']]);
    expect(await states(['apply'])).toEqual([
      ['acquire', 'active'],
      ['load-day', 'paused'],
      ['reload-changed', 'active'],
    ]);
    expect(await states(['resume'])).toEqual([
      ['acquire', 'active'],
      ['load-day', 'active'],
      ['reload-changed', 'active'],
    ]);
    expect(await fail(['schedules', 'pause', 'load'])).toContain('There is no schedule "load"');
  });

  it('takes no other server on the port of its API for its own', async () => {
    const url = new URL(report.apiUrl ?? '');
    const isApi = ({ command }: { command: string }) => command.endsWith('/dist/api.js');
    const stateOfApi = () => readOwner(home)?.parts?.find(({ name }) => name === 'api');
    process.kill(processesOf(folder).find(isApi)?.pid ?? NaN, 'SIGKILL');
    const other = createServer((_, response) => response.end('{"status":"ok"}'));
    // The port is free as soon as the kernel has ended the process.
    await vi.waitFor(async () => {
      other.listen({ port: Number(url.port), host: url.hostname });
      await once(other, 'listening');
    });
    try {
      await expect.poll(() => stateOfApi()?.restarts, { timeout: 30_000 }).toBe(2);
      expect(stateOfApi()).toMatchObject({
        state: 'restarting',
        reason: expect.stringContaining('EADDRINUSE') as string,
      });
    } finally {
      other.close();
    }
    await expect.poll(() => stateOfApi()?.state, { timeout: 60_000 }).toBe('running');
  });

  it('is not reset while it runs', async () => {
    expect(await fail(['reset', '--yes'])).toContain('is already run by process');
  });
});
