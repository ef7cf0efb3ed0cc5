import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, realpathSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Status } from '../../src/commands/status/reader.js';
import { ownIdentity } from '../../src/local/processIdentity.js';
import { recordCollection } from '../../src/stores/collectionLog.js';
import { openStore } from '../../src/stores/open.js';
import { createDatabase } from '../support/database.js';
import { Command } from './support/command.js';

const PERFORMANCE = /^[a-z_]+=-?\d+[a-zA-Z]*( [a-z_]+=-?\d+[a-zA-Z]*)*$/;

/** A home, and `ladepuls status` on it. */
function newHome() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ladepuls-status-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const home = join(folder, 'home');
  const run = async (args: string[] = [], env: Record<string, string> = {}) => {
    const command = new Command(['status', ...args], { LADEPULS_HOME: home, ...env }, folder);
    return { code: await command.exited(), stdout: command.stdout, stderr: command.stderr };
  };
  /** The line of `status --brief`, of which there is one, whatever is broken. */
  const brief = async (env: Record<string, string> = {}) => {
    const { code, stdout, stderr } = await run(['--brief'], env);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^LADEPULS (OK|WARNING|CRITICAL|UNKNOWN) - [^|\n]+( \| [^|\n]+)?\n$/);
    const [, data] = stdout.trim().split(' | ');
    if (data !== undefined) expect(data).toMatch(PERFORMANCE);
    return { code, line: stdout.trim() };
  };
  const ids = async (env: Record<string, string> = {}) => {
    const { stdout, stderr } = await run(['--json'], env);
    expect(stderr).toBe('');
    expect(stdout).not.toContain('secret');
    return (JSON.parse(stdout) as Status).findings.map(({ id }) => id);
  };
  const write = async (path: string, text: string) => {
    await mkdir(join(home, path, '..'), { recursive: true });
    await writeFile(join(home, path), text);
  };
  /** This very process as the home's owner. */
  const own = (addresses: Record<string, string>, more: Record<string, unknown> = {}) =>
    write(
      'run/owner/1.json',
      JSON.stringify({
        ...ownIdentity(),
        mode: 'service',
        since: new Date().toISOString(),
        addresses,
        released: false,
        ...more,
      }),
    );
  return { folder, home, run, brief, ids, write, own };
}

/** The address of a server that takes connections and never answers. */
async function mute(): Promise<string> {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return `127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
}

describe('ladepuls status', () => {
  it('where nothing runs says so and what to do, and exits 2', async () => {
    const { home, run, brief } = newHome();
    const { code, stdout, stderr } = await run();
    expect([code, stderr]).toEqual([2, '']);
    expect(stdout).toMatch(/^CRITICAL {2}Nothing runs on .*\n {2}Start it with "ladepuls start"/);
    expect(await brief()).toMatchObject({
      code: 2,
      line: expect.stringContaining(`LADEPULS CRITICAL - Nothing runs on ${home}`) as string,
    });
  });

  it('documents its exit statuses', async () => {
    const { run } = newHome();
    const { stdout } = await run(['--help']);
    expect(stdout).toMatch(
      /0 {2}all is well\n {2}1 {2}warning.*\n {2}2 {2}critical.*\n {2}3 {2}unknown: the status could not be read/,
    );
  });

  it('names parts that do not run, from the record of the service', async () => {
    const { ids, own, brief } = newHome();
    const since = new Date().toISOString();
    const parts = [{ name: 'worker', state: 'restarting', since, restarts: 1, reason: 'it hung' }];
    await own({}, { parts });
    expect(await ids()).toEqual(['part_down', 'warehouse_missing', 'nothing_to_poll']);
    expect((await brief()).line).toContain('worker does not run since');
  });

  it('names a part that never came up, and a warehouse that no setting and no part names', async () => {
    const { ids, own, run } = newHome();
    const since = new Date().toISOString();
    const parts = [
      { name: 'postgres', state: 'starting', since, restarts: 0, reason: 'postgres.json is cut short' },
    ];
    await own({}, { parts });
    expect(await ids()).toEqual(['part_down', 'nothing_to_poll']);
    const { code, stdout } = await run();
    expect([code, stdout]).toEqual([2, expect.stringContaining('not ready yet: postgres.json is cut short')]);
    await own({});
    expect(await ids()).toEqual(['warehouse_missing', 'nothing_to_poll']);
  });

  it('is well, and exits 0, where a service runs and nothing is overdue', async () => {
    const { home, own, run, brief } = newHome();
    const database = await createDatabase();
    onTestFinished(() => database.drop());
    await own({ postgresUrl: database.url });
    const raw = openStore(`file:${home}/raw`);
    const feeds = [{ name: 'bonn', source: 'chargecloud', paused: false }];
    const at = new Date().toISOString();
    await recordCollection(raw, { at, reason: 'a test', interval_minutes: 10, feeds, setting: null });
    await raw.close();
    const { code, stdout } = await run();
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^All is well\.\n/)]);
    expect(await brief()).toMatchObject({
      code: 0,
      line: expect.stringMatching(
        /^LADEPULS OK - no slot was run yet; no day loaded yet \| .*findings=0$/,
      ) as string,
    });
  });
});

describe('whatever is broken, one line names it, and there is no stack trace', () => {
  type Home = ReturnType<typeof newHome>;
  it.each<[string, (home: Home) => Promise<unknown>, string[], Record<string, string>]>([
    ['a spoiled owner record', ({ write }) => write('run/owner/3.json', '{"pid": 1'), ['nothing_runs'], {}],
    ['an owner record of nonsense', ({ write }) => write('run/owner/3.json', '[5]'), ['nothing_runs'], {}],
    [
      'an owner record with addresses and parts of nonsense',
      ({ own }) => own({}, { addresses: 5, parts: 'x', since: 'yesterday' }),
      ['starting'],
      {},
    ],
    [
      'a spoiled collector.json',
      async ({ own, write }) => {
        await own({});
        await write('raw/collector.json', '{');
      },
      ['warehouse_missing', 'raw_unreachable'],
      {},
    ],
    [
      'a spoiled collection log',
      async ({ own, write }) => {
        await own({});
        await write('raw/collector.json', '{"collector":"c"}');
        await write('raw/collection/c/20260131T120000000Z-12345678.json', '{"version":2}');
      },
      ['warehouse_missing', 'raw_unreachable'],
      {},
    ],
    [
      'a spoiled record of a slot run',
      async ({ own, write }) => {
        await own({});
        await write('raw/runs/2026-01-31/20260131T1200Z/x.json', 'nonsense');
      },
      ['warehouse_missing', 'nothing_to_poll'],
      {},
    ],
    [
      'a spoiled postgres.json',
      async ({ own, write }) => {
        await own({});
        await write('postgres.json', 'nonsense');
      },
      ['warehouse_missing', 'nothing_to_poll', 'space_unknown'],
      {},
    ],
    [
      'a home that is a file',
      async ({ home }) => writeFile(home, ''),
      ['home_unreadable', 'space_unknown', 'space_unknown', 'space_unknown'],
      {},
    ],
    [
      'a Temporal that is gone',
      ({ own }) => own({ temporalAddress: '127.0.0.1:1' }),
      ['warehouse_missing', 'temporal_unreachable', 'nothing_to_poll'],
      {},
    ],
    [
      'a warehouse that is gone',
      ({ own }) => own({}),
      ['warehouse_unreachable', 'nothing_to_poll'],
      { DATABASE_URL: 'postgres://somebody:secret@127.0.0.1:1/x' },
    ],
    [
      'an S3 that is gone',
      ({ own }) => own({}),
      ['warehouse_missing', 'raw_unreachable'],
      {
        RAW_STORE: 's3://bucket/raw',
        AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
        AWS_REGION: 'eu-central-1',
        AWS_ACCESS_KEY_ID: 'id',
        AWS_SECRET_ACCESS_KEY: 'key',
      },
    ],
  ])('%s', async (_what, spoil, expected, env) => {
    const home = newHome();
    await spoil(home);
    const [ids] = await Promise.all([home.ids(env), home.brief(env)]);
    expect(ids).toEqual(expected);
  });

  it('a wrong setting: exit status 3', async () => {
    const { run, brief } = newHome();
    const env = { LADEPULS_INTERVAL: '7m' };
    expect(await brief(env)).toMatchObject({
      code: 3,
      line: expect.stringContaining('LADEPULS_INTERVAL') as string,
    });
    const { code, stderr } = await run([], env);
    expect([code, stderr.trim().split('\n')]).toEqual([3, [expect.stringContaining('LADEPULS_INTERVAL')]]);
  });

  it('what never answers is named, and the rest is told', async () => {
    const { ids, own, home, brief } = newHome();
    const address = await mute();
    await own({ temporalAddress: address });
    // A pipe that nobody writes to holds up whoever reads it, as a disk that is gone does.
    await mkdir(join(home, 'raw'), { recursive: true });
    execFileSync('mkfifo', [join(home, 'raw/collector.json')]);
    const env = { DATABASE_URL: `postgres://somebody:secret@${address}/x` };
    const expected = ['temporal_unreachable', 'raw_unreachable', 'warehouse_unreachable'];
    expect((await ids(env)).filter((id) => expected.includes(id)).sort()).toEqual(expected.sort());
    expect(await brief(env)).toMatchObject({ code: 2 });
  });

  it('a home that never answers: exit status 3 in time', async () => {
    const { home, brief } = newHome();
    await mkdir(join(home, 'run/owner'), { recursive: true });
    execFileSync('mkfifo', [join(home, 'run/owner/1.json')]);
    expect(await brief()).toEqual({
      code: 3,
      line: 'LADEPULS UNKNOWN - nothing was found out within 9.5 s',
    });
  });
});

it('reads nothing but what is there: a home that was never made is not made', async () => {
  const { home, run } = newHome();
  await run();
  const { code } = await run(['--json'], { RAW_STORE: `file:${home}/${randomUUID()}` });
  expect(code).toBe(2);
  expect(() => realpathSync(home)).toThrow('ENOENT');
});
