import { mkdtempSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { dayBounds, daysBetween } from '../../src/domain/day.js';
import { readOwner } from '../../src/local/homeLock.js';
import { simulateFleet } from '../../src/simulation/feed/fleet.js';
import { openStore } from '../../src/stores/open.js';
import { putRaw } from '../../src/stores/raw.js';
import type { LoadDayResult } from '../../src/workflows/loadOnce.js';
import { clusterFolder, processesOf } from '../local/support/processes.js';
import { Command } from './support/command.js';

const TIME_ZONE = 'Europe/Berlin';
/** Spring's change of the clocks lies between: the second day's load is by another offset than the first one's. */
const DAYS = ['2026-03-27', '2026-03-28', '2026-03-29'];
/** More than are let run at once. */
const MANY_DAYS = daysBetween('2026-02-01', '2026-02-12');
const [FIRST, LAST] = ['2026-02-01', '2026-02-12'];
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ladepuls-backfill-')));
const home = join(folder, 'home');

const run = (...args: string[]) =>
  new Command(args, { LADEPULS_HOME: home, LADEPULS_TIME_ZONE: TIME_ZONE }, folder);

beforeAll(async () => {
  const raw = openStore(`file:${home}/raw`);
  const fleet = simulateFleet({ seed: 1, feeds: ['bonn'], stationsPerFeed: 3 });
  for (const day of [...DAYS, ...MANY_DAYS]) {
    const slot = dayBounds(day, TIME_ZONE).start;
    const origin = { feed: 'bonn', source: 'chargecloud', url: null, origin: 'poll', file: null } as const;
    const request = { started_at: null, http_status: 200, attempts: 1, reason: null };
    const times = { slot, day, receivedMs: slot + 1000 };
    await putRaw(
      raw,
      'accepted',
      { ...origin, ...request, ...times },
      Buffer.from(fleet.envelope('bonn', slot)),
    );
  }
});

afterAll(async () => {
  for (const { pid } of processesOf(folder)) process.kill(pid, 'SIGKILL');
  const cluster = clusterFolder(home);
  await run('reset', '--yes').exited();
  await rm(folder, { recursive: true, force: true });
  if (cluster !== null) await rm(cluster, { recursive: true, force: true });
});

describe('ladepuls backfill', { timeout: 120_000 }, () => {
  it('loads every day of the range, both ends included, by the schedule, and again when it is asked again', async () => {
    for (const revision of [1, 2]) {
      const command = run('backfill', '--from', '2026-03-27', '--to', '2026-03-29', '--json');
      const code = await command.exited();
      expect([code, command.stderr]).toEqual([0, expect.anything()]);
      const results = JSON.parse(command.stdout) as LoadDayResult[];
      expect(results.map((result) => [result.day, result.revision, result.polls])).toEqual(
        DAYS.map((day) => [day, revision, 1]),
      );
      expect(results.every(({ chargingPointFacts }) => chargingPointFacts > 0)).toBe(true);
    }
    expect(processesOf(folder)).toEqual([]);
  });

  it.each([
    [
      ['--from', '2026-03-29', '--to', '2026-03-27'],
      'the first day 2026-03-29 is after the last day 2026-03-27',
    ],
    [
      ['--from', '2026-03-29', '--to', '2999-01-01'],
      'has not loaded 2999-01-01 yet, and loads it after the end of the day',
    ],
    [['--from', 'today', '--to', '2026-03-27'], '"today" is not a day'],
  ])('%j fails with a line that says why', async (args, message) => {
    const command = run('backfill', ...args);
    expect(await command.exited()).toBe(1);
    expect(command.stderr.trim().split('\n')).toEqual([expect.stringContaining(message)]);
  });
});

describe('ladepuls sql', { timeout: 120_000 }, () => {
  it('prints dates and times as Postgres writes them', async () => {
    const query = `select day, min(slot) as slot from status_chargingpoints group by day order by day limit 1`;
    for (const [option, expected] of [
      ['--json', '[{"day":"2026-03-27","slot":"2026-03-27 00:00:00+01"}]\n'],
      ['--csv', 'day,slot\n2026-03-27,2026-03-27 00:00:00+01\n'],
    ] as const) {
      const command = run('sql', option, query);
      expect(await command.exited()).toBe(0);
      expect(command.stdout.replaceAll('\r', '')).toBe(expected);
    }
  });
});

describe('ladepuls backfill, interrupted', { timeout: 120_000 }, () => {
  it('lets the days end that are under way, and is continued by the command that it names', async () => {
    const command = run('backfill', '--from', FIRST, '--to', LAST, '--json');
    const warehouse = await warehouseOf(command);
    await vi.waitFor(async () => expect(await revisions(warehouse)).toBeGreaterThan(1), WAITING);
    command.kill('SIGINT');
    await command.until(() => command.stderr.includes('Press Ctrl-C again'), 'it said what it waits for');
    await warehouse.end();
    expect(await command.exited()).toBe(130);
    const done = daysOf(command);
    expect(command.stderr).toContain(
      `${done.length} of 12 days are loaded: ${FIRST} to ${done.at(-1) ?? ''}.`,
    );

    const again = run(...continuation(command), '--json');
    expect([await again.exited(), again.stderr]).toEqual([0, expect.anything()]);
    expect([...done, ...daysOf(again)]).toEqual(MANY_DAYS);
    expect(processesOf(folder)).toEqual([]);
  });

  it('stops at once when it is interrupted again; what that broke off is loaded by the command that it names', async () => {
    const command = run('backfill', '--from', FIRST, '--to', LAST, '--json');
    const warehouse = await warehouseOf(command);
    await vi.waitFor(async () => expect(await openLoads(warehouse)).toBeGreaterThan(0), WAITING);
    // Nothing can be published as long as this lock is held.
    await warehouse.query('begin; lock table ops.day_revision in access exclusive mode');
    command.kill('SIGINT');
    await command.until(() => command.stderr.includes('Press Ctrl-C again'), 'it said what it waits for');
    // The same press is told apart from a second one by time. Once that was heard, a further one could meet the last
    // moments of the process, in which Node hears no signal any more.
    const again = setInterval(() => command.kill('SIGINT'), 200);
    await command.until(() => command.stderr.includes('when a worker runs again'), 'it said what is left');
    clearInterval(again);
    expect(await command.exited()).toBe(130);

    const next = continuation(command);
    const done = daysOf(command);
    expect(next).toEqual(['backfill', '--from', MANY_DAYS[done.length], '--to', LAST]);
    const rest = run(...next, '--json');
    expect([await rest.exited(), rest.stderr]).toEqual([0, expect.anything()]);
    expect([...done, ...daysOf(rest)]).toEqual(MANY_DAYS);
  });
});

const WAITING = { timeout: 60_000, interval: 50 };

/** A session in the warehouse of the installation that a command starts. */
async function warehouseOf(command: Command): Promise<pg.Client> {
  const url = await vi.waitFor(() => {
    const postgresUrl = readOwner(home)?.addresses?.postgresUrl;
    if (postgresUrl === undefined) throw new Error(`No warehouse runs: ${command.stderr}`);
    return postgresUrl;
  }, WAITING);
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined); // the command stops its Postgres
  await client.connect();
  return client;
}

async function revisions(warehouse: pg.Client): Promise<number> {
  return count(warehouse, `select count(*)::int as count from ops.day_revision where day between $1 and $2`);
}

async function openLoads(warehouse: pg.Client): Promise<number> {
  return count(
    warehouse,
    `select count(*)::int as count from pg_namespace where nspname like 'staging_%'`,
    [],
  );
}

async function count(warehouse: pg.Client, query: string, values = [FIRST, LAST]): Promise<number> {
  const { rows } = await warehouse.query<{ count: number }>(query, values);
  return rows[0]?.count ?? 0;
}

function daysOf({ stdout }: Command): string[] {
  return (JSON.parse(stdout) as LoadDayResult[]).map(({ day }) => day);
}

/** The arguments of the command that an interrupted one names. */
function continuation({ stderr }: Command): string[] {
  return stderr.trimEnd().split('\n').at(-1)?.trim().split(' ').slice(1) ?? [];
}
