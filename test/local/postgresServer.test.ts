import { spawn, type ChildProcess } from 'node:child_process';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { resetHome } from '../../src/local/reset.js';
import { clusterFolder, processesOf } from './support/processes.js';
import { newHome, removeHomes, supervise, type Supervised } from './support/supervised.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const IS_ROOT = process.getuid?.() === 0;
const NOBODY = 65_534;
const foreign: ChildProcess[] = [];

afterAll(async () => {
  for (const child of foreign) child.kill('SIGKILL');
  await removeHomes();
});

describe.concurrent('the cluster', () => {
  test('is fit for a warehouse, and its database belongs to its role', async () => {
    const { supervised, url } = await start(newHome());
    expect(await settings(url)).toEqual({
      checksums: 'on',
      encoding: 'UTF8',
      fsync: 'on',
      listen: '127.0.0.1',
      locale: 'b',
      owner: 'ladepuls',
      superuser: 'off',
      wal: '2GB',
    });
    await expect(query(url.replace(/:[^:@]+@/, ':wrong@'), 'SELECT 1')).rejects.toThrow(
      /password authentication failed/,
    );
    await end(supervised);
  });

  test('that was being made when its maker was killed is made again', async () => {
    const home = newHome();
    const { supervised } = await start(home);
    await end(supervised);
    const folder = clusterFolder(home) ?? '';
    // Like a killed initdb, leave an incomplete cluster in a temporary folder.
    mkdirSync(join(folder, 'initdb-1'));
    renameSync(join(folder, 'postgres'), join(folder, 'initdb-1', 'postgres'));
    rmSync(join(folder, 'initdb-1', 'postgres', 'global'), { recursive: true });
    const again = await start(home);
    expect(await query(again.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(existsSync(join(folder, 'initdb-1'))).toBe(false);
    await end(again.supervised);
  });

  test("starts although its stale lock names another program's process", async () => {
    const home = newHome();
    const { supervised } = await start(home);
    const lock = join(clusterFolder(home) ?? '', 'postgres', 'postmaster.pid');
    const text = readFileSync(lock, 'utf8');
    const owner = statSync(lock);
    await end(supervised);
    const sleeper = spawn('sleep', ['600'], IS_ROOT ? { uid: owner.uid, gid: owner.gid } : {});
    foreign.push(sleeper);
    writeFileSync(lock, text.replace(/^\d+/, String(sleeper.pid)), { mode: 0o600 });
    chownSync(lock, owner.uid, owner.gid);
    const again = await start(home);
    expect(sleeper.exitCode ?? sleeper.signalCode).toBeNull();
    await end(again.supervised);
  });

  test('of a home that was moved goes with it', async () => {
    const home = newHome();
    const { supervised, url } = await start(home);
    await query(url, "CREATE TABLE kept AS SELECT 'a row' AS what");
    await end(supervised);
    const moved = newHome();
    rmSync(moved, { recursive: true });
    renameSync(home, moved);
    const again = await start(moved);
    expect(await query(again.url, 'SELECT what FROM kept')).toEqual([{ what: 'a row' }]);
    await end(again.supervised);
  });
});

describe.skipIf(!IS_ROOT).concurrent('as root (skipped: this is an ordinary user)', () => {
  test('a home below a folder of mode 0700 works, and a reset removes what stands elsewhere', async () => {
    const home = newHome();
    expect(statSync(dirname(home)).mode & 0o777).toBe(0o700);
    const { supervised } = await start(home);
    const folder = clusterFolder(home) ?? '';
    expect(folder).toMatch(/^\/var\/lib\/ladepuls\/[0-9a-f]{16}$/);
    expect(processesOf(home).filter(({ command }) => command.includes('postgres -D'))).toHaveLength(1);
    expect(statSync(join(home, 'postgres.json')).mode & 0o777).toBe(0o600);
    await end(supervised);
    await resetHome(home, () => undefined, new AbortController().signal);
    expect(existsSync(folder)).toBe(false);
  });

  test('the copy of a home does not get the cluster of the original', async () => {
    const home = newHome();
    await end((await start(home)).supervised);
    const copy = newHome();
    cpSync(home, copy, { recursive: true });
    const supervised = supervise({ home: copy, components: ['postgres'], mode: 'command' });
    expect((await supervised.event('error')).message).toMatch(`${copy} is a copy of ${home}`);
  });

  test('a home that was deleted and made anew gets a new cluster, and the old one is set aside', async () => {
    const home = newHome();
    const { supervised, url } = await start(home);
    await query(url, 'CREATE TABLE lost ()');
    await end(supervised);
    rmSync(home, { recursive: true });
    const again = await start(home);
    await expect(query(again.url, 'SELECT FROM lost')).rejects.toThrow(/does not exist/);
    const line = await again.supervised.line(/The cluster was set aside as/);
    const [, aside = ''] = / was set aside as (\S+), and a new one is made/.exec(line) ?? [];
    expect(existsSync(join(aside, 'postgres', 'PG_VERSION'))).toBe(true);
    rmSync(aside, { recursive: true });
    await end(again.supervised);
  });

  test('an ordinary user runs a cluster in the home itself, which root may run then, too', async () => {
    const home = newHome();
    for (const path of [dirname(home), home]) chownSync(path, NOBODY, NOBODY);
    const options = { uid: NOBODY, gid: NOBODY, env: { PATH: process.env.PATH ?? '', HOME: home }, cwd: '/' };
    const ordinary = supervise({ home, components: ['postgres'], cacheDir: home }, options);
    const { postgresUrl } = await ordinary.addresses();
    await query(postgresUrl, "CREATE TABLE kept AS SELECT 'a row' AS what");
    expect(clusterFolder(home)).toBe(home);
    await end(ordinary);
    const asRoot = await start(home);
    expect(await query(asRoot.url, 'SELECT what FROM kept')).toEqual([{ what: 'a row' }]);
    expect(statSync(join(home, 'postgres', 'postmaster.pid')).uid).toBe(NOBODY);
    await end(asRoot.supervised);
  });
});

async function start(home: string): Promise<{ supervised: Supervised; url: string }> {
  const supervised = supervise({ home, components: ['postgres'] });
  return { supervised, url: (await supervised.addresses()).postgresUrl };
}

async function end(supervised: Supervised): Promise<void> {
  supervised.kill('SIGTERM');
  expect(await supervised.exited()).toBe(0);
}

async function settings(url: string): Promise<unknown> {
  const [row] = await query(
    url,
    `SELECT current_setting('data_checksums') AS checksums, pg_encoding_to_char(encoding) AS encoding,
       current_setting('fsync') AS fsync, current_setting('listen_addresses') AS listen, datlocprovider AS locale,
       pg_get_userbyid(datdba) AS owner, current_setting('is_superuser') AS superuser, current_setting('max_wal_size') AS wal
     FROM pg_database WHERE datname = current_database()`,
  );
  return row;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
