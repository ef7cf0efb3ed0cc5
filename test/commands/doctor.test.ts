import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Examined } from '../../src/commands/doctor/text.js';
import { CHECKS } from '../../src/commands/doctor/registry.js';
import { EXIT_STATUSES, worstState } from '../../src/commands/doctor/finding.js';
import { isOlder } from '../../src/commands/doctor/checks/node.js';
import { simulateFleet } from '../../src/simulation/feed/fleet.js';
import { type SimulatedFeed, startSimulatedFeed } from '../../src/simulation/feed/server.js';
import { openStore } from '../../src/stores/open.js';
import { processesOf } from '../local/support/processes.js';
import { createDatabase } from '../support/database.js';
import { type S3Server, startS3Server, whyNoS3Server } from '../support/s3Server.js';
import { temporalAddress } from '../support/temporal.js';
import { EXPIRED_PEM } from '../sources/support/clientCertificates.js';
import { Command } from './support/command.js';
import { makeNamespace } from './support/namespace.js';

const noS3 = await whyNoS3Server();
const CLI = resolve(import.meta.dirname, '../../dist/cli.js');
let feed: SimulatedFeed;

beforeAll(async () => {
  const fleet = simulateFleet({ seed: 1, feeds: ['bonn', 'kiel'], stationsPerFeed: { bonn: 2, kiel: 1 } });
  feed = await startSimulatedFeed({ contents: [fleet] });
});
afterAll(() => feed.stop());

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ladepuls-doctor-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

interface Told {
  code: number | NodeJS.Signals;
  examined: Examined[];
  /** The findings of one check. */
  of: (check: string) => Examined[];
}

/** What `ladepuls doctor` tells of a home that nothing runs on. */
async function doctor(env: Record<string, string> = {}, folder = newFolder()): Promise<Told> {
  const settings = {
    LADEPULS_HOME: join(folder, 'home'),
    LADEPULS_CHARGECLOUD_URL: feed.url,
    LADEPULS_FEEDS: 'bonn kiel',
  };
  const command = new Command(['doctor', '--json'], { ...settings, ...env }, folder);
  const code = await command.exited();
  expect(command.stderr).toBe('');
  expect(processesOf(folder)).toEqual([]);
  return told(code, command.stdout);
}

function told(code: number | NodeJS.Signals, json: string): Told {
  const examined = JSON.parse(json) as Examined[];
  expect(code).toBe(EXIT_STATUSES[worstState(examined.map(({ state }) => state))]);
  for (const { state, advice } of examined) expect(advice === null).toBe(state === 'ok');
  return { code, examined, of: (check) => examined.filter((each) => each.check === check) };
}

const finding = (state: string, message: RegExp, advice = /./) =>
  expect.objectContaining({
    state,
    message: expect.stringMatching(message) as string,
    advice: expect.stringMatching(advice) as string,
  }) as Examined;

/** Has a server listen on a free port until the test is over. */
async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** A port that nothing listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((settle) => server.close(settle));
  return port;
}

describe('ladepuls doctor', { timeout: 120_000 }, () => {
  it('finds all well where nothing runs yet, and makes and starts nothing', async () => {
    const folder = newFolder();
    const { examined } = await doctor({}, folder);
    expect(new Set(examined.map(({ check }) => check))).toEqual(new Set(CHECKS.map(({ name }) => name)));
    // How full the disk of this machine is, is none of the test's.
    expect(examined.filter(({ state, check }) => state !== 'ok' && check !== 'disk')).toEqual([]);
    expect(existsSync(join(folder, 'home'))).toBe(false);
  });

  it('prints a line each for people, with what to do, and how many there are', async () => {
    const folder = newFolder();
    const command = new Command(['doctor'], { LADEPULS_HOME: folder, LADEPULS_INTERVAL: '7m' }, folder);
    expect(await command.exited()).toBe(2);
    expect(command.stdout).toMatch(
      /^problem {2}settings +LADEPULS_INTERVAL is "7m".*\n {10,}Correct the value/m,
    );
    expect(command.stdout).toMatch(/^ok +node +Node \d+/m);
    expect(command.stdout).toMatch(/\n1 problem, 1 unknown\n$/);
  });

  it('names every wrong setting, not the first one only', async () => {
    const { code, of } = await doctor({
      LADEPULS_INTERVAL: '7m',
      RAW_STORE: 'ftp://x',
      LADEPULS_NO_SUCH: '1',
      LADEPULS_READER_URL: 'postgres://me:pass-word@127.0.0.1/x',
    });
    expect(code).toBe(2);
    const wrong = [
      finding('problem', /^LADEPULS_NO_SUCH is not a setting/),
      finding('problem', /^RAW_STORE is "ftp:\/\/x"/),
      finding('problem', /^LADEPULS_INTERVAL is "7m"/),
      finding('problem', /^LADEPULS_READER_URL is set, but DATABASE_URL is not/),
      finding('unknown', /did not run the checks/),
    ];
    expect(of('settings')).toEqual(expect.arrayContaining(wrong));
    expect(of('settings')).toHaveLength(wrong.length);
    expect(of('raw store')).toEqual([]);
  });

  it('reads the secrets of feeds, and shows none', async () => {
    const folder = newFolder();
    const home = join(folder, 'home');
    const env = { LADEPULS_HOME: home, LADEPULS_FEEDS: 'bonn', LADEPULS_SECRET_EXPIRED: EXPIRED_PEM };
    const url = 'https://127.0.0.1:1/';
    for (const [name, auth] of [
      ['a', 'token:ABSENT'],
      ['b', 'certificate:EXPIRED'],
      ['c', 'token:THERE'],
    ] as const) {
      const command = new Command(['feeds', 'add', name, '--url', url, '--auth', auth], env, folder);
      expect(await command.exited()).toBe(0);
    }
    const { of, examined } = await doctor({ ...env, LADEPULS_SECRET_THERE: 'token-4711\nx' }, folder);
    expect(of('secrets')).toEqual([
      finding('problem', /^a: neither LADEPULS_SECRET_ABSENT nor LADEPULS_SECRET_ABSENT_FILE is set/),
      finding('problem', /^b: the client certificate in LADEPULS_SECRET_EXPIRED expired on 2021-01-01/),
      finding('problem', /^c: LADEPULS_SECRET_THERE: the secret has a line break within/),
    ]);
    expect(JSON.stringify(examined)).not.toContain('4711');
  });

  it('names the process that has a port which is set, and says that a usual one is no matter', async () => {
    const port = String(await listening(createServer()));
    const api = String(await listening(createServer()));
    const { of } = await doctor({ LADEPULS_TEMPORAL_PORT: port, LADEPULS_API_PORT: api });
    const taken = (number: string) => new RegExp(`^Port ${number} of .* is taken by process ${process.pid} `);
    expect(of('ports')).toEqual(
      expect.arrayContaining([
        finding('problem', taken(port), /set LADEPULS_TEMPORAL_PORT to another port/),
        finding('warning', taken(api), /LADEPULS_API_PORT/),
      ]),
    );
  });

  it('finds a home that is no folder, and stores below it', async () => {
    const folder = newFolder();
    await writeFile(join(folder, 'home'), '');
    const { of } = await doctor({}, folder);
    expect(of('home')).toEqual([finding('problem', /home is no folder/, /LADEPULS_HOME/)]);
  });

  it('finds a home that this user may not write to', async () => {
    const folder = newFolder();
    const home = join(folder, 'closed', 'home');
    await mkdir(join(folder, 'closed'));
    await chmod(folder, 0o755);
    await chmod(join(folder, 'closed'), 0o555);
    onTestFinished(() => chmod(join(folder, 'closed'), 0o755));
    const isRoot = process.getuid?.() === 0;
    const nobody = { uid: 65_534, gid: 65_534 };
    const { code, stdout } = await new Promise<{ code: number; stdout: string }>((settle) => {
      const env = {
        ...process.env,
        HOME: folder,
        XDG_CACHE_HOME: '',
        LADEPULS_HOME: home,
        LADEPULS_CHARGECLOUD_URL: feed.url,
        LADEPULS_FEEDS: 'bonn',
      };
      const child = execFile(
        process.execPath,
        [CLI, 'doctor', '--json'],
        { env, cwd: '/', ...(isRoot && nobody) },
        (_, output) => settle({ code: child.exitCode ?? -1, stdout: output }),
      );
    });
    const { of } = told(code, stdout);
    expect(of('home')).toEqual([finding('problem', /can't be made in .*closed by this user \(EACCES\)/)]);
    expect(of('raw store')).toEqual([finding('problem', /can't be written to by this user/, /RAW_STORE/)]);
  });

  it('tells a Postgres that refuses, lacks the database or never answers, and shows no password', async () => {
    const database = await createDatabase('nothing');
    onTestFinished(() => database.drop());
    const silent = await listening(createServer());
    const told = [
      await doctor({ DATABASE_URL: `postgres://me:pass-word@127.0.0.1:${await freePort()}/x` }),
      await doctor({ DATABASE_URL: Object.assign(new URL(database.url), { pathname: 'absent' }).href }),
      await doctor({ DATABASE_URL: `postgres://me:pass-word@127.0.0.1:${silent}/x` }),
    ];
    expect(told.map(({ of }) => of('warehouse'))).toEqual([
      [finding('problem', /no server listens on that address/, /DATABASE_URL/)],
      [finding('problem', /there is no such database/)],
      [finding('problem', /can't be asked/)],
    ]);
    expect(JSON.stringify(told)).not.toContain('pass-word');
  });

  it('tells whether the tables of a warehouse are up to date, and whether readers can log in', async () => {
    const [empty, current] = [await createDatabase('nothing'), await createDatabase()];
    onTestFinished(async () => {
      await empty.drop();
      await current.drop();
    });
    const reader = Object.assign(new URL(current.url), { password: 'wrong' }).href;
    const told = await doctor({ DATABASE_URL: current.url, LADEPULS_READER_URL: reader });
    expect(told.of('warehouse')).toEqual([
      expect.objectContaining({ state: 'ok', message: expect.stringContaining('answers') as string }),
      expect.objectContaining({ state: 'ok', message: expect.stringContaining('up to date') as string }),
      finding('problem', /readers.*the password is wrong/, /LADEPULS_READER_URL/),
    ]);
    const old = await doctor({ DATABASE_URL: empty.url });
    expect(old.of('warehouse')).toContainEqual(
      finding('warning', /last migration of the warehouse is 0\. This release has migrations up to \d+/),
    );
  });

  it('tells a Temporal that does not answer, lacks the namespace, or has neither schedules nor workers', async () => {
    const address = await temporalAddress();
    const namespace = await makeNamespace(address);
    const dead = `127.0.0.1:${await freePort()}`;
    const absent = `absent-${randomUUID()}`;
    expect((await doctor({ TEMPORAL_ADDRESS: dead })).of('Temporal')).toEqual([
      finding('problem', /^Can't connect to Temporal at 127/, /TEMPORAL_ADDRESS/),
    ]);
    expect((await doctor({ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: absent })).of('Temporal')).toEqual([
      finding('problem', new RegExp(`has no namespace ${absent}`), /namespace create/),
    ]);
    const { of } = await doctor({ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace });
    expect(of('Temporal')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ state: 'ok' }),
        finding('problem', /schedule acquire is missing/, /ladepuls schedules apply/),
        finding('problem', /No worker asks for work on acquire/),
      ]),
    );
  });

  it('names the feeds that give no good answer, and stores nothing', async () => {
    const folder = newFolder();
    feed.fail({ kind: 'html' }, { feeds: ['kiel'], times: 1 });
    const { code, of } = await doctor({}, folder);
    expect(code).toBeGreaterThan(0);
    expect(of('feeds')).toEqual([
      finding('warning', /^1 of 2 feeds give no accepted answer: kiel \(not_json\)/, /feeds check/),
    ]);
    const none = await doctor({ LADEPULS_CHARGECLOUD_URL: `http://127.0.0.1:${await freePort()}` }, folder);
    expect(none.of('feeds')).toEqual([
      finding('problem', /^No feed gives an accepted answer: bonn \(refused\)/),
    ]);
    expect(existsSync(join(folder, 'home'))).toBe(false);
  });

  it.each([
    [120_000, 'warning', /behind the feeds'/],
    [-3_600_000, 'problem', /ahead of the feeds'/],
  ])('compares the clock with what servers tell: %d ms', async (offsetMs, state, message) => {
    const server = createHttpServer((_, response) => {
      response.setHeader('date', new Date(Date.now() + offsetMs).toUTCString());
      response.end('{}');
    });
    const port = await listening(server);
    const { of } = await doctor({ LADEPULS_CHARGECLOUD_URL: `http://127.0.0.1:${port}` });
    expect(of('clock')).toEqual([finding(state, message, /timedatectl/)]);
  });

  describe.skipIf(noS3 !== null)('on S3', () => {
    let s3: S3Server;
    beforeAll(async () => {
      s3 = await startS3Server();
      await s3.bucket('there');
    });
    afterAll(() => s3.stop());

    it('tells a bucket that is missing and keys that are wrong, and leaves nothing in one that is there', async () => {
      const env = s3.env as Record<string, string>;
      const absent = { ...env, RAW_STORE: 's3://absent-bucket/raw', FLAT_STORE: 's3://there/flat' };
      const { of } = await doctor(absent);
      expect(of('raw store')).toEqual([finding('problem', /NoSuchBucket.*Create the bucket/, /RAW_STORE/)]);
      expect(of('flat store')).toEqual([expect.objectContaining({ state: 'ok' })]);
      expect(of('feeds')).toEqual([expect.objectContaining({ state: 'ok' })]);
      const store = openStore('s3://there', env);
      expect(await store.listFolders('')).toEqual([]);
      await store.close();
      const wrong = await doctor({ ...absent, AWS_SECRET_ACCESS_KEY: 'wrong' });
      expect(wrong.of('flat store')).toEqual([finding('problem', /Check AWS_SECRET_ACCESS_KEY/)]);
    });
  });
});

it.each([
  ['20.18.3', '20.19', true],
  ['20.19.0', '20.19', false],
  ['22.1.0', '20.19', false],
  ['9.9.9', '20.19', true],
])('Node %s is older than %s: %s', (version, wanted, older) => {
  expect(isOlder(version, wanted)).toBe(older);
});
