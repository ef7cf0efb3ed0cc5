import { mkdirSync, mkdtempSync, readFileSync, realpathSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServiceReport } from '../../src/commands/running/report.js';
import { simulateFleet } from '../../src/simulation/feed/fleet.js';
import { type SimulatedFeed, startSimulatedFeed } from '../../src/simulation/feed/server.js';
import {
  CLIENT_PEM,
  CLIENT_PKCS12,
  EXPIRED_PEM,
  AUTHORITY,
  PASSPHRASE,
} from '../sources/support/clientCertificates.js';
import { SELF_SIGNED } from '../sources/support/selfSigned.js';
import { clusterFolder, processesOf } from '../local/support/processes.js';
import { Command } from './support/command.js';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ladepuls-secrets-')));
const home = join(folder, 'home');
/** Files of secrets; not searched. */
const keys = join(folder, 'keys');

const TOKEN = 'token-8f2c71a9e4';
const BEARER = 'bearer-5d90c3b1f7';
const USER = 'user-name';
const PASSWORD = 'password-1b7e42';
const API_KEY = 'apikey-c04d9962aa';
const PARAMETER = 'param/e7+31=58&d9';
const WRONG = 'wrong-90ab12cd34';
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** Every spelling in which a secret could be found. */
const SPELLINGS = [TOKEN, BEARER, PASSWORD, API_KEY, PARAMETER, WRONG, PASSPHRASE, `${USER}:${PASSWORD}`]
  .flatMap((secret) => [secret, base64(secret), encodeURIComponent(secret)])
  .concat(CLIENT_PKCS12.slice(0, 60), linesOfKey(CLIENT_PEM), linesOfKey(EXPIRED_PEM));

/** How each feed recognises its clients, and what its server asks for. */
const FEEDS = [
  { name: 'tokens', auth: ['token:TOKEN'], access: { headers: { authorization: `Token ${base64(TOKEN)}` } } },
  { name: 'plain', auth: ['token-plain:TOKEN'], access: { headers: { authorization: `Token ${TOKEN}` } } },
  { name: 'bearer', auth: ['bearer:BEARER'], access: { headers: { authorization: `Bearer ${BEARER}` } } },
  {
    name: 'basic',
    auth: ['basic:LOGIN'],
    access: { headers: { authorization: `Basic ${base64(`${USER}:${PASSWORD}`)}` } },
  },
  { name: 'header', auth: ['header:X-API-Key:KEY'], access: { headers: { 'x-api-key': API_KEY } } },
  { name: 'query', auth: ['query:apikey:PARAMETER'], access: { parameters: { apikey: PARAMETER } } },
  { name: 'pkcs12', auth: ['certificate:P12:PASS'], access: { certificate: true } },
  {
    name: 'pem',
    auth: ['certificate:PEM', 'header:X-API-Key:KEY'],
    access: { certificate: true, headers: { 'x-api-key': API_KEY } },
  },
];
/** Feeds whose polls fail, and why. */
const FAILING = {
  echo: 'secret_refused',
  missing: 'secret_missing',
  expired: 'certificate_expired',
  dead: 'refused',
};

const servers: SimulatedFeed[] = [];
let echo: Server;
let service: Command;
let report: ServiceReport;
const outputs: Command[] = [];

const settings: Record<string, string> = {
  LADEPULS_HOME: home,
  LADEPULS_INTERVAL: '1m',
  LADEPULS_FEEDS: 'tokens',
  LADEPULS_SECRET_TOKEN: TOKEN,
  LADEPULS_SECRET_BEARER_FILE: join(keys, 'bearer'),
  LADEPULS_SECRET_LOGIN: `${USER}:${PASSWORD}`,
  LADEPULS_SECRET_KEY_FILE: join(keys, 'key'),
  LADEPULS_SECRET_PARAMETER: PARAMETER,
  LADEPULS_SECRET_P12_FILE: join(keys, 'client.p12'),
  LADEPULS_SECRET_PASS: PASSPHRASE,
  LADEPULS_SECRET_PEM: CLIENT_PEM,
  LADEPULS_SECRET_EXPIRED: EXPIRED_PEM,
  LADEPULS_SECRET_WRONG: WRONG,
  NODE_EXTRA_CA_CERTS: join(keys, 'server.pem'),
};

function run(...args: string[]): Command {
  const command = new Command(args, settings, folder);
  outputs.push(command);
  return command;
}

async function succeed(...args: string[]): Promise<string> {
  const command = run(...args);
  expect([await command.exited(), command.stderr]).toEqual([0, expect.anything()]);
  return command.stdout;
}

beforeAll(async () => {
  mkdirSync(keys);
  await writeFile(join(keys, 'bearer'), `${BEARER}\n`);
  await writeFile(join(keys, 'key'), `${API_KEY}\r\n`);
  await writeFile(join(keys, 'client.p12'), Buffer.from(CLIENT_PKCS12, 'base64'));
  await writeFile(join(keys, 'server.pem'), SELF_SIGNED.cert);
  await addFeeds();
  service = run('start', '--json');
  report = (await service.json()) as ServiceReport;
}, 180_000);

afterAll(async () => {
  for (const { pid } of processesOf(folder)) process.kill(pid, 'SIGKILL');
  const cluster = clusterFolder(home);
  for (const server of servers) await server.stop();
  echo.closeAllConnections();
  echo.close();
  await rm(folder, { recursive: true, force: true });
  if (cluster !== null) await rm(cluster, { recursive: true, force: true });
});

/** Start a server for each feed, and have the feeds collected. */
async function addFeeds(): Promise<void> {
  for (const { name, auth, access } of FEEDS) {
    const tls = { ...SELF_SIGNED, ca: AUTHORITY, requestCert: true, rejectUnauthorized: false };
    const contents = [simulateFleet({ seed: 1, feeds: [name], stationsPerFeed: 2 })];
    const server = await startSimulatedFeed({ contents, access, tls: access.certificate ? tls : undefined });
    servers.push(server);
    const options = ['--url', `${server.url}/${name}`, ...auth.flatMap((text) => ['--auth', text])];
    await succeed('feeds', name === 'tokens' ? 'set' : 'add', name, ...options);
  }
  // This server repeats what it is sent.
  echo = createServer((request, response) => {
    const { url, headers } = request;
    response.writeHead(403, { 'X-Echo': headers['x-api-key'] ?? '' }).end(JSON.stringify({ url, headers }));
  }).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const { port } = echo.address() as AddressInfo;
  const wrong = ['--auth', 'header:X-API-Key:WRONG', '--auth', 'query:token:PARAMETER'];
  await succeed('feeds', 'add', 'echo', '--url', `http://127.0.0.1:${port}/echo`, ...wrong);
  await succeed('feeds', 'add', 'missing', '--url', `http://127.0.0.1:${port}/`, '--auth', 'token:ABSENT');
  await succeed(
    'feeds',
    'add',
    'expired',
    '--url',
    `https://127.0.0.1:${port}/`,
    '--auth',
    'certificate:EXPIRED',
  );
  await succeed(
    'feeds',
    'add',
    'dead',
    '--url',
    'http://127.0.0.1:1/',
    '--auth',
    'basic:LOGIN',
    '--auth',
    'query:k:PARAMETER',
  );
}

describe('feeds behind secrets', { timeout: 300_000 }, () => {
  it('are polled, and those that can not be say why', async () => {
    const all = FEEDS.length + Object.keys(FAILING).length;
    const line = new RegExp(`\\d\\d:\\d\\d {2}${FEEDS.length} of ${all} feeds stored`);
    await service.until(() => line.test(service.stderr), `a line like ${line}`);
    const told = service.stderr.split('\n').find((text) => line.test(text)) ?? '';
    for (const [name, reason] of Object.entries(FAILING)) expect(told).toContain(`${name}: ${reason}`);
  });

  it('are listed with the kinds and names of their secrets', async () => {
    const { feeds } = JSON.parse(await succeed('feeds', 'list', '--json')) as {
      feeds: { name: string; auth?: string[] }[];
    };
    for (const { name, auth } of FEEDS) expect(feeds).toContainEqual(expect.objectContaining({ name, auth }));
    expect(await succeed('feeds', 'list')).toMatch(/pem .*certificate:PEM header:X-API-Key:KEY/);
  });

  it('are checked and examined', async () => {
    const checked = run('feeds', 'check');
    expect(await checked.exited()).toBe(1);
    for (const [name, reason] of Object.entries(FAILING))
      expect(checked.stdout).toMatch(new RegExp(`${name} +│ no .*${reason}`));
    for (const { name } of FEEDS) expect(checked.stdout).toMatch(new RegExp(`${name} +│ yes`));
    expect(checked.stdout).toMatch(
      /missing: .*neither LADEPULS_SECRET_ABSENT nor LADEPULS_SECRET_ABSENT_FILE/,
    );
    for (const command of ['doctor', 'status', 'coverage', 'config']) await run(command).exited();
    await run(
      'feeds',
      'add',
      'mistaken',
      '--url',
      'http://127.0.0.1:1/',
      '--auth',
      `token:${TOKEN}`,
    ).exited();
  });

  it('have their secrets in the worker alone, and in no argument of a process', () => {
    const processes = processesOf(folder);
    expect(processes.length).toBeGreaterThan(4);
    for (const { pid, command } of processes) {
      expectNoSecret(Buffer.from(command), command);
      if (process.platform !== 'linux') continue;
      const environment = readFileSync(`/proc/${pid}/environ`);
      const mayHave = /dist\/worker\.js|cli\.js start/.test(command);
      if (!mayHave) expectNoSecret(environment, `the environment of ${command}`);
      if (command.includes('dist/worker.js')) expect(environment.includes(TOKEN)).toBe(true);
    }
  });

  it('leave no secret in Temporal and in the warehouse', async () => {
    await succeed('load', '--from', today());
    for (const text of await historyTexts()) expectNoSecret(text, 'a history of Temporal');
    const owner = (JSON.parse(await succeed('warehouse-url', '--owner', '--json')) as { url: string }).url;
    let tables = 0;
    for (const [table, text] of await tableTexts(owner)) {
      tables++;
      expectNoSecret(text, table);
    }
    expect(tables).toBeGreaterThan(20);
  });

  it('leave no secret in any file, and in no output', { timeout: 120_000 }, async () => {
    service.kill('SIGTERM');
    expect(await service.exited()).toBe(0);
    let files = 0;
    for (const root of [home, clusterFolder(home) ?? home]) {
      for (const { path, bytes } of await filesBelow(root)) {
        files++;
        expectNoSecret(bytes, path);
      }
    }
    expect(files).toBeGreaterThan(50);
    for (const { stdout, stderr } of outputs) expectNoSecret(Buffer.from(stdout + stderr), stdout + stderr);
  });
});

function expectNoSecret(bytes: Buffer, where: string): void {
  const found = SPELLINGS.filter((spelling) => bytes.includes(spelling));
  expect(found, where).toEqual([]);
}

/** The histories of all workflow runs, each with its payloads as text. */
async function historyTexts(): Promise<Buffer[]> {
  const connection = await Connection.connect({ address: report.temporalAddress });
  try {
    const client = new Client({ connection, namespace: report.temporalNamespace });
    const texts: Buffer[] = [];
    for await (const { workflowId, runId } of client.workflow.list())
      texts.push(Buffer.from(textOf(await client.workflow.getHandle(workflowId, runId).fetchHistory())));
    expect(texts.length).toBeGreaterThan(0);
    expect(texts.some((text) => text.includes('secret_refused'))).toBe(true);
    return texts;
  } finally {
    await connection.close();
  }
}

/** All strings and bytes of a value, whatever it is nested in. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .map(([name, member]) => `${name} ${textOf(member)}`)
    .join('\n');
}

async function tableTexts(url: string): Promise<[string, Buffer][]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    const texts: [string, Buffer][] = [];
    for (const { name } of rows) {
      const found = await client.query<{ text: string | null }>(
        `select string_agg(t::text, ' ') as text from ${name} t`,
      );
      texts.push([name, Buffer.from(found.rows[0]?.text ?? '')]);
    }
    return texts;
  } finally {
    await client.end();
  }
}

/** Every file below a folder, as it is and decompressed. */
async function filesBelow(root: string): Promise<{ path: string; bytes: Buffer }[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    files.map(async (path) => {
      const bytes = await readFile(path);
      return { path, bytes: Buffer.concat([Buffer.from(`${path}\n`), bytes, decompressed(path, bytes)]) };
    }),
  );
}

function decompressed(path: string, bytes: Buffer): Buffer {
  if (path.endsWith('.gz')) return gunzipSync(bytes);
  return path.endsWith('.br') ? brotliDecompressSync(bytes) : Buffer.alloc(0);
}

function linesOfKey(pem: string): string[] {
  const key = pem.slice(pem.indexOf('-----BEGIN PRIVATE KEY-----'));
  return key.split('\n').slice(1, 3);
}

function today(): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin' }).format(Date.now());
}
