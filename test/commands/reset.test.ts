import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readConfig } from '../../src/settings/config.js';
import { planReset } from '../../src/commands/reset/plan.js';
import { resetHome } from '../../src/local/reset.js';
import { clusterFolder } from '../local/support/processes.js';
import { Command } from './support/command.js';
import { TERMINAL_TOOL, whyNoTerminal } from './support/terminal.js';

const TABLES = ['sql', '--json', 'select count(*) from status_connectors'];

/** A home with stores and more in it, and a store outside of it. */
async function newHome() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ladepuls-reset-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const home = join(folder, 'home');
  const outside = join(folder, 'raw');
  const poll = 'polls/bonn/2026-11-29/20261129T1000Z/20261129T100001000Z-0123456789abcdef.json.gz';
  for (const path of [
    join(outside, 'object'),
    join(home, 'raw', poll),
    join(home, 'raw', 'collection', 'me', 'entry.json'),
    join(home, 'flat', '2026-11-29', 'set.csv.gz'),
    join(home, 'logs', 'worker.log'),
    join(home, 'temporal.db'),
    join(home, 'temporal.db-malformed-20261129T100001000Z'),
  ]) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, 'x'.repeat(1500));
  }
  const run = async (args: string[], env: Record<string, string> = {}) => {
    const command = new Command(args, { LADEPULS_HOME: home, ...env }, folder);
    return { code: await command.exited(), stdout: command.stdout, stderr: command.stderr };
  };
  return { folder, home, outside, run };
}

describe('ladepuls reset', { timeout: 300_000 }, () => {
  it('says what it would remove and keep, and how much that is; without a terminal it changes nothing', async () => {
    const { home, run } = await newHome();
    const before = readdirSync(home, { recursive: true }).sort();
    const { code, stderr } = await run(['reset']);
    expect(code).toBe(1);
    expect(stderr).toContain('The reset removes permanently:\n');
    expect(stderr).toContain(`    1.5 kB  ${home}/temporal.db  (Temporal's workflow histories)\n`);
    expect(stderr).toContain(`${home}/flat  (flat files)\nThe reset keeps:\n`);
    expect(stderr).toContain(`${home}/raw  (raw store: answers of 1 day and 1 feed)\n`);
    expect(stderr).toContain(
      "Nothing was changed: the command can't ask without a terminal. To reset without a question, add --yes.",
    );
    expect(readdirSync(home, { recursive: true }).sort()).toEqual(before);
  });

  it('removes what can be made again, and neither answers nor the collection log', async () => {
    const { home, run } = await newHome();
    const raw = readdirSync(join(home, 'raw'), { recursive: true }).sort();
    const { code, stdout } = await run(['reset', '--yes', '--json']);
    expect(code).toBe(0);
    const { removed, kept } = JSON.parse(stdout) as Record<
      'removed' | 'kept',
      { path: string; bytes: number }[]
    >;
    expect(removed.map(({ path }) => path)).toEqual(
      ['temporal.db', 'temporal.db-malformed-20261129T100001000Z', 'logs', 'flat'].map((name) =>
        join(home, name),
      ),
    );
    expect(removed.map(({ bytes }) => bytes)).toEqual([1500, 1500, 1500, 1500]);
    expect(kept).toEqual([{ path: join(home, 'raw'), bytes: 3000 }]);
    expect(readdirSync(home)).toEqual(['raw']);
    expect(readdirSync(join(home, 'raw'), { recursive: true }).sort()).toEqual(raw);
    expect(await run(['reset', '--yes'])).toMatchObject({
      code: 0,
      stdout: `There was nothing to remove in ${home}.\nKept: ${home}/raw\n`,
    });
  });

  it('removes raw too where it is named, with the mark of simulated data', async () => {
    const { home, run } = await newHome();
    await writeFile(join(home, 'simulated'), '');
    expect((await run(['reset', '--yes'])).stdout).toContain('To get a warehouse again: "ladepuls demo".');
    expect(readdirSync(home).sort(), 'simulated answers stay marked').toEqual(['raw', 'simulated']);
    const { code, stderr } = await run(['reset', '--raw', '--yes']);
    expect([code, existsSync(home)]).toEqual([0, false]);
    expect(stderr).toContain('Answers in the raw store can never be asked for again.');
  });

  it.each([['--json'], ['--raw']])(
    'leaves stores outside of the home, and what others put there: %s',
    async (...args) => {
      const { home, outside, run } = await newHome();
      await writeFile(join(home, 'notes.txt'), '');
      const env = { RAW_STORE: `file:${outside}`, FLAT_STORE: 's3://bucket/flat' };
      const { code, stdout } = await run(['reset', '--yes', ...args], env);
      expect(code).toBe(0);
      expect(stdout).toContain('s3://bucket/flat');
      expect(stdout).toContain(`file:${outside}`);
      expect(existsSync(join(outside, 'object'))).toBe(true);
      expect(existsSync(join(home, 'raw', 'polls'))).toBe(true);
      expect(existsSync(join(home, 'flat', '2026-11-29'))).toBe(true);
      expect(existsSync(join(home, 'notes.txt'))).toBe(true);
    },
  );

  it('keeps facts that left the warehouse for the flat store', async () => {
    const { home, run } = await newHome();
    await mkdir(join(home, 'flat', 'archive', '2020-01-01'), { recursive: true });
    const { stdout } = await run(['reset', '--yes']);
    expect(stdout).toContain(`Kept: ${home}/flat/archive, ${home}/raw`);
    expect(readdirSync(join(home, 'flat'))).toEqual(['archive']);
  });

  it('removes the cluster, wherever it stands; what people edited comes back in the next one', async () => {
    const { home, run } = await newHome();
    await rm(join(home, 'temporal.db'));
    await writeFile(join(home, 'table.csv'), 'spelling,operator\na,A\n');
    // A home without tables answers a query too: they are made first.
    expect(await run(TABLES)).toMatchObject({ code: 0, stdout: '[{"count":0}]\n' });
    expect(await run(['config', 'import', 'operator_spelling', join(home, 'table.csv')])).toMatchObject({
      code: 0,
    });
    const cluster = clusterFolder(home) ?? '';
    expect(existsSync(cluster)).toBe(true);
    const copies = readdirSync(join(home, 'raw', 'config'), { recursive: true });
    expect(copies.filter((name) => String(name).endsWith('.csv'))).toHaveLength(1);

    expect(await run(['reset', '--yes'])).toMatchObject({ code: 0 });
    expect(existsSync(cluster) && cluster !== home).toBe(false);
    expect(existsSync(join(home, 'postgres.json'))).toBe(false);

    const { code, stdout, stderr } = await run(['config', 'export', 'operator_spelling']);
    expect([code, stdout]).toEqual([0, 'spelling,operator\na,A\n']);
    expect(stderr).toMatch(/config\.operator_spelling was restored from the raw store: 1 row, as of /);
    await run(['reset', '--raw', '--yes']);
    expect(readdirSync(home)).toEqual(['table.csv']);
  });

  it('of a cluster that another Postgres made, as the message of the start advises, loses nothing', async () => {
    const { folder: outer, home, run } = await newHome();
    await run(TABLES);
    const cluster = clusterFolder(home) ?? '';
    const folder = cluster === home ? join(home, 'postgres') : join(cluster, 'postgres');
    writeFileSync(join(folder, 'PG_VERSION'), '17\n');
    // Nobody listens there: what a poll would ask is not what this is about.
    const nowhere = { LADEPULS_HOME: home, LADEPULS_CHARGECLOUD_URL: 'http://127.0.0.1:9' };
    const started = new Command(['start'], nowhere, outer);
    const told = () =>
      started.stdout.split('\n').find((line) => line.includes('was made by Postgres 17')) ?? '';
    await started.until(() => told() !== '', 'it tells of the cluster');
    expect(told()).toMatch(
      /but this release of ladepuls brings 18\. First keep what people edited: run "ladepuls config export" for each table/,
    );
    expect(told()).toMatch(
      / Then run "ladepuls stop" and "ladepuls reset": .* aside, with tables of your own in it, /,
    );
    expect(told()).toContain('keeps the raw store');
    expect(told()).toContain('"ladepuls start" and, beside it, "ladepuls rebuild"');
    // Everything else is started, and goes on until it is stopped.
    await started.until(() => started.stdout.includes('Ctrl-C stops Ladepuls'), 'it polls all the same');
    expect((await run(['stop'])).code).toBe(0);
    expect(await started.exited()).toBe(0);

    const reset = await run(['reset', '--yes', '--json']);
    expect(reset.code).toBe(0);
    expect(reset.stderr).toContain('This sets aside, because Postgres 17 made it and this release brings 18');
    expect(reset.stderr).toContain(
      'The raw store has no copy of config.operator_spelling. Edits of this table are only in this cluster.',
    );
    const { setAside } = JSON.parse(reset.stdout) as { setAside: string };
    const aside = cluster === home ? setAside : join(setAside, 'postgres');
    expect(readFileSync(join(aside, 'PG_VERSION'), 'utf8')).toBe('17\n');
    expect(existsSync(join(setAside, 'postgres.json'))).toBe(true);
    expect(existsSync(join(home, 'raw', 'polls'))).toBe(true);
    expect(await run(TABLES)).toMatchObject({ code: 0, stdout: '[{"count":0}]\n' });
    const again = await run(['reset', '--yes']);
    expect(again.stdout).toContain(setAside);
    expect(existsSync(setAside)).toBe(true);
    await run(['reset', '--raw', '--yes']);
    expect(existsSync(setAside)).toBe(false);
  });

  it('sets a cluster aside from which people’s own tables can not be copied', async () => {
    const { home, run } = await newHome();
    await run(TABLES);
    const cluster = clusterFolder(home) ?? '';
    const folder = cluster === home ? join(home, 'postgres') : join(cluster, 'postgres');
    writeFileSync(join(folder, 'global', 'pg_control'), 'damaged');
    const { code, stdout, stderr } = await run(['reset', '--yes']);
    expect(code).toBe(0);
    expect(stderr).toContain("Postgres' cluster is set aside instead of being removed.");
    expect(stdout).toMatch(/Set aside: .*-aside-/);
    await run(['reset', '--raw', '--yes']);
  });
});

describe.skipIf(whyNoTerminal !== null)(
  `ladepuls reset on a terminal${whyNoTerminal === null ? '' : `: skipped, ${whyNoTerminal}`}`,
  { timeout: 120_000 },
  () => {
    /** Runs it on a pseudo-terminal, and types an answer when it is asked. */
    async function onTerminal(home: string, answer: string): Promise<{ code: number; screen: string }> {
      const args = [TERMINAL_TOOL, '[y/N] ', answer, process.execPath, 'dist/cli.js', 'reset'];
      const env = { ...process.env, LADEPULS_HOME: home };
      try {
        const { stdout } = await promisify(execFile)('python3', args, { env });
        return { code: 0, screen: stdout };
      } catch (error) {
        const { code, stdout } = error as { code: number; stdout: string };
        return { code, screen: stdout };
      }
    }

    it.each(['y\r', 'YES\r'])('goes on when it is answered %j', async (answer) => {
      const { home } = await newHome();
      const { code, screen } = await onTerminal(home, answer);
      expect(screen).toContain('The reset keeps:');
      expect(screen).toContain('Go on? [y/N] ');
      expect(code).toBe(0);
      expect(readdirSync(home)).toEqual(['raw']);
    });

    it.each(['\r', 'n\r', 'yet\r', '\u0004', '\u0003'])(
      'changes nothing when it is answered %j',
      async (answer) => {
        const { home } = await newHome();
        const before = readdirSync(home, { recursive: true }).sort();
        const { code } = await onTerminal(home, answer);
        expect(code).not.toBe(0);
        expect(readdirSync(home, { recursive: true }).sort()).toEqual(before);
      },
    );
  },
);

describe('whatever the settings say where stores stand', () => {
  it('a reset removes nothing of the raw store, unless it is named', async () => {
    const place = fc.constantFrom(
      'raw',
      'flat',
      'flat/raw',
      'raw/flat',
      'logs/raw',
      'run',
      'temporal.db/raw',
      'x',
      '../raw',
      '.',
    );
    await fc.assert(
      fc.asyncProperty(place, place, fc.boolean(), async (rawAt, flatAt, isLinked) => {
        const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ladepuls-places-')));
        try {
          const home = join(folder, 'home');
          for (const at of ['logs', 'run', rawAt, flatAt]) await mkdir(join(home, at), { recursive: true });
          const keys = [
            'polls/bonn/2026-11-29/a/b',
            'collection/me/entry.json',
            'config/me/t/c.csv',
            'collector.json',
          ];
          for (const key of keys) {
            await mkdir(dirname(join(home, rawAt, key)), { recursive: true });
            await writeFile(join(home, rawAt, key), key);
          }
          if (isLinked) await symlink(home, join(folder, 'link'));
          const named = isLinked ? join(folder, 'link') : home;
          const config = readConfig({
            LADEPULS_HOME: named,
            RAW_STORE: `file:${join(home, rawAt)}`,
            FLAT_STORE: `file:${join(named, flatAt)}`,
          });
          const { signal } = new AbortController();
          const plan = await planReset(config, { raw: false, signal }).catch((error: unknown) => error);
          if (!(plan instanceof Error))
            await resetHome(named, () => undefined, signal, {
              others: (plan as { others: string[] }).others,
            });
          for (const key of keys) expect(readFileSync(join(home, rawAt, key), 'utf8')).toBe(key);
        } finally {
          await rm(folder, { recursive: true, force: true });
        }
      }),
      { numRuns: 100 },
    );
  });
});
