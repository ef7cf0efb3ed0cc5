import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { readOwner } from '../../src/local/homeLock.js';
import { descendantsOf } from '../../src/local/processIdentity.js';
import type { ProcessLedger } from '../../src/local/processLedger.js';
import { clusterFolder, processesOf, runs } from './support/processes.js';
import {
  FIXTURES,
  newHome,
  newHomeWithCluster,
  removeHomes,
  supervise,
  until,
} from './support/supervised.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

afterAll(removeHomes);

describe.concurrent('a supervisor of Temporal and Postgres', () => {
  test.each(['the supervisor', 'the supervisor and its guard', 'everything'])(
    'goes on with the same data after SIGKILL of %s',
    async (victims) => {
      const home = await newHomeWithCluster();
      const first = supervise({ home, searchAttributes: { LadepulsRows: 'Int' } });
      const before = await first.addresses();
      await query(before.postgresUrl, "CREATE TABLE kept AS SELECT 'a row' AS what");
      await createSchedule(before.temporalAddress);

      const all = processesOf(home).map(({ pid }) => pid);
      const guard = guardOf(home);
      if (victims === 'everything') for (const pid of all) killIfThere(pid);
      else
        for (const pid of victims.includes('guard') ? [guard, first.pid] : [first.pid])
          process.kill(pid, 'SIGKILL');
      await first.exited();

      const second = supervise({
        home,
        searchAttributes: { LadepulsRows: 'Int', LadepulsMore: 'KeywordList' },
      });
      const after = await second.addresses();
      expect(all.filter(runs)).toEqual([]);
      expect(await query(after.postgresUrl, 'SELECT what FROM kept')).toEqual([{ what: 'a row' }]);
      expect(await scheduleIds(after.temporalAddress)).toEqual(['kept']);
      second.kill('SIGTERM');
      expect(await second.exited()).toBe(0);
      expect(processesOf(home)).toEqual([]);
    },
  );

  test('keeps runs for weeks, and workflows can use its search attributes at once', async () => {
    const home = newHome();
    const supervised = supervise({
      home,
      components: ['temporal'],
      searchAttributes: { LadepulsDay: 'Keyword' },
    });
    const { temporalAddress, temporalUiUrl } = await supervised.addresses();
    const connection = await Connection.connect({ address: temporalAddress });
    const client = new Client({ connection });
    await client.workflow.start('any', {
      taskQueue: 'any',
      workflowId: 'any',
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- the short form does for a test
      searchAttributes: { LadepulsDay: ['2022-01-11'] },
    });
    await until(
      async () => (await client.workflow.count('LadepulsDay = "2022-01-11"')).count === 1,
      'the run is found',
    );
    const { config } = await connection.workflowService.describeNamespace({ namespace: 'default' });
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 86_400);
    await connection.close();
    expect((await fetch(temporalUiUrl)).status).toBe(200);
    supervised.kill('SIGINT');
    expect(await supervised.exited()).toBe(0);
  });

  test('starts a crashed part again, on the same port', async () => {
    const home = await newHomeWithCluster();
    const supervised = supervise({ home });
    const { postgresUrl, temporalAddress } = await supervised.addresses();
    const crashed = processesOf(home).filter(({ command }) => /postgres -D|start-dev/.test(command));
    expect(crashed).toHaveLength(2);
    for (const { pid } of crashed) process.kill(pid, 'SIGKILL');
    await until(
      async () => (await query(postgresUrl, 'SELECT 1 AS one').catch(() => [])).length === 1,
      'Postgres is back',
    );
    await until(
      () =>
        scheduleIds(temporalAddress).then(
          () => true,
          () => false,
        ),
      'Temporal is back',
    );
    await until(
      () => supervised.events.filter(({ line }) => line?.endsWith('runs again.')).length === 2,
      'it tells so',
    );
    supervised.kill('SIGINT');
    expect(await supervised.exited()).toBe(0);
    expect(processesOf(home)).toEqual([]);
  });

  test('starts everything again when its guard is killed, on the same port', async () => {
    const home = await newHomeWithCluster();
    const supervised = supervise({ home, components: ['postgres'] });
    const { postgresUrl } = await supervised.addresses();
    const guard = guardOf(home);
    process.kill(guard, 'SIGKILL');
    await supervised.line(/^The guard process was killed/);
    await supervised.line(/^postgres runs again\.$/);
    expect(await query(postgresUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(guardOf(home)).not.toBe(guard);
    supervised.kill('SIGTERM');
    expect(await supervised.exited()).toBe(0);
    expect(processesOf(home)).toEqual([]);
  });

  test('has Postgres back where all of its processes hang, and none keeps its memory', async () => {
    const home = await newHomeWithCluster();
    const supervised = supervise({ home, components: ['postgres'], liveness: QUICK });
    const { postgresUrl } = await supervised.addresses();
    const postmaster = pidOf(home, 'postgres');
    const all = [{ pid: postmaster }, ...descendantsOf(postmaster)];
    expect(all.length).toBeGreaterThan(3);
    for (const { pid } of all) process.kill(pid, 'SIGSTOP');
    await supervised.line(/^postgres hung: it did not respond/);
    await supervised.line(/^postgres runs again/);
    expect(all.filter(({ pid }) => runs(pid))).toEqual([]);
    expect(await query(postgresUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    supervised.kill('SIGTERM');
    expect(await supervised.exited()).toBe(0);
  });

  test.each(['postgres', 'temporal', 'guard'])(
    'names a hung part, kills it and starts it again: %s',
    async (component) => {
      const home = await newHomeWithCluster();
      const supervised = supervise({ home, liveness: QUICK });
      const { postgresUrl, temporalAddress } = await supervised.addresses();
      process.kill(component === 'guard' ? guardOf(home) : pidOf(home, component), 'SIGSTOP');
      if (component === 'guard') await supervised.line(/^The guard process was killed/);
      else
        expect(await supervised.line(/hung/)).toMatch(new RegExp(`^${component} hung: it did not respond`));
      await supervised.line(
        component === 'guard' ? /^temporal runs again/ : new RegExp(`^${component} runs again`),
      );
      if (component === 'guard') await supervised.line(/^postgres runs again/);
      expect(await query(postgresUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      expect(await scheduleIds(temporalAddress)).toEqual([]);
      supervised.kill('SIGTERM');
      expect(await supervised.exited()).toBe(0);
      expect(processesOf(home)).toEqual([]);
    },
  );

  test('goes on without Postgres, and has it back once it can start', async () => {
    const home = await newHomeWithCluster();
    const first = supervise({ home, components: ['postgres'] });
    const before = await first.addresses();
    await query(before.postgresUrl, "CREATE TABLE kept AS SELECT 'a row' AS what");
    first.kill('SIGTERM');
    await first.exited();
    const control = join(clusterFolder(home) ?? '', 'postgres', 'global', 'pg_control');
    renameSync(control, `${control}.away`);

    const second = supervise({ home });
    const after = await second.addresses();
    expect(await scheduleIds(after.temporalAddress)).toEqual([]);
    await second.line(/^Postgres: postgres ended with exit code .*pg_control.* Trying again in/);
    renameSync(`${control}.away`, control);
    await second.line(/^Postgres: done after \d+ failed attempt/);
    expect(await query(after.postgresUrl, 'SELECT what FROM kept')).toEqual([{ what: 'a row' }]);
    second.kill('SIGTERM');
    expect(await second.exited()).toBe(0);
  });

  test('begins without Postgres where its place is not known, and asks for a restart once it is', async () => {
    const home = await newHomeWithCluster();
    const first = supervise({ home, components: ['postgres'] });
    await first.addresses();
    first.kill('SIGTERM');
    await first.exited();
    const location = join(home, 'postgres.json');
    const known = readFileSync(location);
    writeFileSync(location, known.subarray(0, 20)); // incomplete, as after a power cut

    const second = supervise({ home });
    const { temporalAddress, postgresUrl } = (await second.event('up')).addresses ?? {};
    expect(await scheduleIds(temporalAddress ?? '')).toEqual([]);
    expect(postgresUrl).toBeUndefined();
    await second.line(/^Postgres: .*postgres\.json.*components without the warehouse\.$/);
    expect(readOwner(home)?.parts).toMatchObject([
      { name: 'temporal', state: 'running' },
      { name: 'postgres', state: 'starting', reason: expect.stringContaining('postgres.json') as string },
    ]);
    writeFileSync(location, known);
    await second.event('restartWanted');
    second.kill('SIGTERM');
    expect(await second.exited()).toBe(0);
  });

  test.each(['at the start', 'while it runs'])(
    'sets a corrupt temporal.db aside and goes on with a new one, %s',
    async (when) => {
      const home = newHome();
      const searchAttributes = { LadepulsRows: 'Int' };
      const first = supervise({ home, components: ['temporal'], searchAttributes });
      await createSchedule((await first.addresses()).temporalAddress);
      let running = first;
      if (when === 'at the start') {
        first.kill('SIGTERM');
        await first.exited();
        spoil(join(home, 'temporal.db'));
        running = supervise({ home, components: ['temporal'], searchAttributes });
      } else {
        spoil(join(home, 'temporal.db'));
        process.kill(pidOf(home, 'temporal'), 'SIGKILL');
      }
      expect(await running.line(/is corrupt/)).toMatch(/temporal\.db is corrupt\. It was set aside as/);
      const { temporalAddress } = await running.addresses();
      if (when === 'while it runs') await running.event('renewed');
      // The new database has no data, but the search attributes are registered as in the first one.
      expect(await scheduleIds(temporalAddress)).toEqual([]);
      const used = await withClient(temporalAddress, (client) => client.workflow.count('LadepulsRows = 1'));
      expect(used.count).toBe(0);
      expect(readdirSync(home).some((name) => /^temporal\.db\.corrupt-\d{14}Z$/.test(name))).toBe(true);
      running.kill('SIGTERM');
      expect(await running.exited()).toBe(0);
    },
  );
});

describe.concurrent('supervisors beside each other', () => {
  test('run on two homes at once', async () => {
    const [one, other] = [newHome(), newHome()].map((home) => supervise({ home }));
    const addresses = await Promise.all([one?.addresses(), other?.addresses()]);
    expect(new Set(addresses.flatMap((each) => Object.values(each ?? {}))).size).toBe(6);
    for (const supervised of [one, other]) supervised?.kill('SIGTERM');
    expect(await Promise.all([one?.exited(), other?.exited()])).toEqual([0, 0]);
  });

  test('of which two race for one home: one runs, the others get its addresses', async () => {
    const home = newHome();
    const racers = Array.from({ length: 3 }, () => supervise({ home, components: ['postgres'] }));
    await until(
      () => racers.every(({ events }) => events.some(({ event }) => event === 'up' || event === 'error')),
      'all are decided',
    );
    const winner = racers.filter(({ events }) => events.some(({ event }) => event === 'up'));
    expect(winner).toHaveLength(1);
    const addresses = await winner[0]?.addresses();
    for (const loser of racers.filter((racer) => racer !== winner[0])) {
      const { name, owner } = await loser.event('error');
      expect(name).toBe('HomeInUse');
      expect(owner).toMatchObject({ pid: winner[0]?.pid, mode: 'service', addresses });
      expect(await loser.exited()).toBe(1);
    }
    expect(readOwner(home)?.addresses).toEqual(addresses);
    winner[0]?.kill('SIGTERM');
    expect(await winner[0]?.exited()).toBe(0);
    expect(readOwner(home)).toBeNull();
  });

  test('wait for a command that uses the home', async () => {
    const home = newHome();
    const first = supervise({ home, mode: 'command', components: ['postgres'] });
    await first.addresses();
    const second = supervise({ home, mode: 'command', components: ['postgres'] });
    expect((await second.event('progress')).line).toMatch(
      `Waiting for process ${first.pid}, which uses ${home}`,
    );
    first.kill('SIGTERM');
    expect(await first.exited()).toBe(0);
    await second.addresses();
    second.kill('SIGTERM');
    expect(await second.exited()).toBe(0);
  });
});

describe.concurrent('further children', () => {
  test('are stopped before Postgres, in their order, and get their grace', async () => {
    const home = newHome();
    const record = join(home, 'record');
    const supervised = supervise({
      home,
      components: [],
      children: [
        child('worker', record, 'polite', { stopOrder: 0 }),
        child('feed', record, 'polite', { stopOrder: 1 }),
      ],
    });
    await supervised.event('up');
    await started(record, 2);
    const workerAndFeed = [pidOf(home, 'worker'), pidOf(home, 'feed')];
    supervised.kill('SIGTERM');
    expect(await supervised.exited()).toBe(0);
    expect(recorded(record, 'SIGTERM')).toEqual(workerAndFeed);
  });

  test('that ignore SIGTERM are killed, sooner after a second Ctrl-C', async () => {
    const home = newHome();
    const record = join(home, 'record');
    const supervised = supervise({
      home,
      components: [],
      children: [child('worker', record, 'stubborn', { stopGraceMs: 600_000 })],
    });
    await supervised.event('up');
    await started(record, 1);
    supervised.kill('SIGINT');
    await until(() => recorded(record, 'SIGTERM').length === 1, 'the child is asked to end');
    // A second signal immediately after the first would count as the same key press.
    await sleep(600);
    expect(recorded(record, 'start').filter(runs)).toHaveLength(1);
    supervised.kill('SIGINT');
    expect(await supervised.exited()).toBe(0);
    expect(recorded(record, 'start').filter(runs)).toEqual([]);
  });

  test("are out of reach of a terminal's Ctrl-C", async () => {
    const home = newHome();
    const record = join(home, 'record');
    const supervised = supervise(
      { home, components: [], children: [child('worker', record, 'polite')] },
      { detached: true },
    );
    await supervised.event('up');
    await started(record, 1);
    // Like a terminal, send the signal to the whole foreground process group.
    process.kill(-supervised.pid, 'SIGINT');
    expect(await supervised.exited()).toBe(0);
    expect(recorded(record, 'SIGINT')).toEqual([]);
    expect(recorded(record, 'SIGTERM')).toHaveLength(1);
  });

  test('are stopped when their supervisor is killed', async () => {
    const home = newHome();
    const record = join(home, 'record');
    const supervised = supervise({
      home,
      components: [],
      children: [child('worker', record, 'polite'), child('feed', record, 'stubborn', { stopGraceMs: 200 })],
    });
    await supervised.event('up');
    await started(record, 2);
    supervised.kill('SIGKILL');
    await until(() => processesOf(home).length === 0, 'nothing is left');
    expect(recorded(record, 'SIGTERM')).toHaveLength(2);
  });

  test('that crash are started again', async () => {
    const home = newHome();
    const record = join(home, 'record');
    const supervised = supervise({ home, components: [], children: [child('worker', record, 'polite')] });
    await supervised.event('up');
    for (let crashes = 1; crashes <= 2; crashes++) {
      const pids = await started(record, crashes);
      process.kill(pids.at(-1) ?? -1, 'SIGKILL');
      await started(record, crashes + 1);
      await until(
        () => supervised.events.filter(({ line }) => line === 'worker runs again.').length === crashes,
        'it tells so',
      );
    }
    expect(supervised.events.find(({ event }) => event === 'log')?.line).toMatch(
      /worker was ended by SIGKILL/,
    );
    supervised.kill('SIGTERM');
    expect(await supervised.exited()).toBe(0);
  });

  test('of a service that keep crashing are started for ever, while the others run on', async () => {
    const home = newHome();
    const record = join(home, 'record');
    const other = join(home, 'other');
    const supervised = supervise({
      home,
      components: [],
      children: [child('feed', other, 'polite'), child('worker', record, 'crash')],
    });
    // Pauses double, starting at half a second. A command's component gets fewer restarts in the same time.
    await until(() => recorded(record, 'start').length >= 6, 'the child was started again and again');
    expect(supervised.events.some(({ event }) => event === 'failed')).toBe(false);
    expect((await started(other, 1)).filter(runs)).toHaveLength(1);
    const told = supervised.events.filter(({ line }) => line?.startsWith('worker ended with exit code 3'));
    expect(told.length).toBeGreaterThan(0);
    expect(told.every(({ line }) => !line?.includes('\n'))).toBe(true);
    expect(readOwner(home)?.parts).toContainEqual(
      expect.objectContaining({ name: 'worker', state: expect.any(String) as string }),
    );
    supervised.kill('SIGTERM');
    expect(await supervised.exited()).toBe(0);
  });

  test('that no longer answer are named, killed and started again', async () => {
    const home = newHome();
    const record = join(home, 'record');
    const aliveFile = join(home, 'alive');
    writeFileSync(aliveFile, '');
    const supervised = supervise({
      home,
      components: [],
      children: [{ ...child('worker', record, 'stubborn'), aliveFile }],
      liveness: QUICK,
    });
    await supervised.event('up');
    const [hung = -1] = await started(record, 1);
    rmSync(aliveFile);
    await supervised.line(/^worker hung: it did not respond, and was killed/);
    writeFileSync(aliveFile, '');
    await supervised.line(/^worker runs again\.$/);
    expect(runs(hung)).toBe(false);
    expect(readOwner(home)?.parts).toMatchObject([
      { name: 'worker', state: 'running', restarts: 1, reason: expect.stringContaining('hung') as string },
    ]);
    supervised.kill('SIGTERM');
    expect(await supervised.exited()).toBe(0);
  });

  test('are waited for until they are ready', async () => {
    const home = newHome();
    const readyFile = join(home, 'ready');
    const supervised = supervise({
      home,
      components: [],
      children: [{ ...child('worker', join(home, 'record'), 'polite'), readyFile }],
    });
    await started(join(home, 'record'), 1);
    expect(supervised.events.some(({ event }) => event === 'up')).toBe(false);
    writeFileSync(readyFile, '');
    await supervised.event('up');
    supervised.kill('SIGTERM');
    expect(await supervised.exited()).toBe(0);
  });

  test('that hang while they start, and the question whether they are ready with them, are noticed', async () => {
    const home = newHome();
    const silent = child('worker', join(home, 'record'), 'polite', { readyTimeoutMs: 1_000 });
    const supervised = supervise({ home, components: [], children: [{ ...silent, neverAnswers: true }] });
    expect((await supervised.event('error')).message).toMatch(/^worker is not ready after 1 s/);
    supervised.kill('SIGTERM');
    await supervised.exited();
    expect(processesOf(home)).toEqual([]);
  });

  test('that end while the question whether they are ready has no answer are noticed', async () => {
    const home = newHome();
    const crashing = child('worker', join(home, 'record'), 'crash', { readyTimeoutMs: 600_000 });
    const supervised = supervise({ home, components: [], children: [{ ...crashing, neverAnswers: true }] });
    expect((await supervised.event('error')).message).toMatch(/^worker ended with exit code 3/);
    expect(readOwner(home)?.parts).toMatchObject([
      { name: 'worker', state: 'starting', reason: expect.stringContaining('exit code 3') as string },
    ]);
    supervised.kill('SIGTERM');
    await supervised.exited();
  });

  test('that can not be started end the start with the reason', async () => {
    const home = newHome();
    const supervised = supervise({
      home,
      components: [],
      children: [{ name: 'worker', command: '/nowhere/worker', args: [] }],
    });
    expect((await supervised.event('error')).message).toMatch(/worker can't be started: .*ENOENT/);
    supervised.kill('SIGTERM');
    await supervised.exited();
    expect(processesOf(home)).toEqual([]);
  });
});

/**
 * Finds a hung component within seconds, to keep tests short. A short pause of a busy machine does not count as hung.
 */
const QUICK = { everyMs: 500, timeoutMs: 4_000, failures: 4 };

/** Overwrite the beginning of every page of a SQLite file, except for its first page. */
function spoil(path: string): void {
  const file = openSync(path, 'r+');
  const { size } = fstatSync(file);
  for (let offset = 4096; offset < size; offset += 4096)
    writeSync(file, Buffer.alloc(512, 0xa5), 0, 512, offset);
  closeSync(file);
}

function child(
  name: string,
  record: string,
  behaviour: string,
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return { name, command: process.execPath, args: [join(FIXTURES, 'child.js'), record, behaviour], ...more };
}

/** The pids of all processes that recorded `word`, in order. */
function recorded(record: string, word: string): number[] {
  const lines = existsSync(record) ? readFileSync(record, 'utf8').trim().split('\n') : [];
  return lines.filter((line) => line.startsWith(`${word} `)).map((line) => Number(line.split(' ')[1]));
}

/** Wait until `count` starts are recorded, and return their pids. */
async function started(record: string, count: number): Promise<number[]> {
  await until(() => recorded(record, 'start').length === count, `${count} children have started`);
  return recorded(record, 'start');
}

function guardOf(home: string): number {
  const guard = processesOf(home).find(({ command }) => command.startsWith('ladepuls guard'));
  if (!guard) throw new Error('no guard runs');
  return guard.pid;
}

/** The pid of a component, from the guard's ledger. */
function pidOf(home: string, name: string): number {
  const path = join(home, 'run', `processes-${guardOf(home)}.json`);
  const { processes } = JSON.parse(readFileSync(path, 'utf8')) as ProcessLedger;
  return processes.find((each) => each.name === name)?.pid ?? -1;
}

function killIfThere(pid: number): void {
  try {
    if (runs(pid)) process.kill(pid, 'SIGKILL');
  } catch (error) {
    // ESRCH: the process has already ended.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function createSchedule(address: string): Promise<void> {
  await withClient(address, (client) =>
    client.schedule.create({
      scheduleId: 'kept',
      spec: { calendars: [{ year: 2099 }] },
      action: { type: 'startWorkflow', workflowType: 'any', taskQueue: 'any' },
    }),
  );
}

async function scheduleIds(address: string): Promise<string[]> {
  return withClient(address, async (client) => {
    const ids: string[] = [];
    for await (const { scheduleId } of client.schedule.list()) ids.push(scheduleId);
    return ids;
  });
}

async function withClient<T>(address: string, work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await work(new Client({ connection }));
  } finally {
    await connection.close();
  }
}
