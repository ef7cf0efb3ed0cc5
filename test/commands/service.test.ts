import { existsSync, mkdtempSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { settingsFile } from '../../src/commands/service/settings.js';
import { isAsWritten } from '../../src/local/unitFile.js';
import { Command } from './support/command.js';

/** `ladepuls service` in a folder of its own. */
function newFolder() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ladepuls-unit-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const run = async (args: string[], env: Record<string, string> = {}) => {
    const set = { LADEPULS_HOME: join(folder, 'home'), XDG_CACHE_HOME: folder, ...env };
    const command = new Command(['service', ...args], set, folder);
    return { code: await command.exited(), stdout: command.stdout, stderr: command.stderr.trim() };
  };
  return { folder, run };
}

describe('ladepuls service', () => {
  it.each([
    ['--user', 'WantedBy=default.target'],
    ['--system', 'WantedBy=multi-user.target'],
  ])('print %s prints a unit of this installation, and makes no home', async (scope, line) => {
    const { folder, run } = newFolder();
    const { code, stdout } = await run(['print', scope]);
    expect([code, isAsWritten(stdout)]).toEqual([0, true]);
    expect(stdout).toContain(line);
    expect(stdout).toMatch(/^ExecStart="\/.*" "\/.*\/dist\/cli\.js" start$/m);
    expect(stdout).toContain(`"LADEPULS_HOME=${folder}/home"`);
    expect(existsSync(join(folder, 'home'))).toBe(false);
  });

  it('gives a system unit a home of the system where none is named', async () => {
    const { run } = newFolder();
    const { stdout } = await run(['print', '--system'], { LADEPULS_HOME: '' });
    expect(stdout).toContain('"LADEPULS_HOME=/var/lib/ladepuls/home" "LADEPULS_CACHE=/var/cache/ladepuls"');
  });

  it.each(['install', 'uninstall'])(
    '%s says so where there is no systemd, and writes nothing',
    async (what) => {
      const { folder, run } = newFolder();
      // Without systemctl, as on a machine of another kind.
      const { code, stdout, stderr } = await run([what], { PATH: folder, XDG_CONFIG_HOME: folder });
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/^ladepuls: There is no systemd on this machine.*docs\/service\.md/);
      expect(existsSync(join(folder, 'systemd'))).toBe(false);
    },
  );

  it('refuses a name and scopes that make no sense', async () => {
    const { run } = newFolder();
    expect((await run(['print', '--name', 'sshd'])).stderr).toContain('must begin with "ladepuls"');
    expect((await run(['print', '--user', '--system'])).stderr).toContain(
      '--user and --system are both given',
    );
  });
});

it('the settings of a shell go along, but for the home, in the form that systemd reads', () => {
  const text = settingsFile({
    LADEPULS_HOME: '/srv',
    LADEPULS_INTERVAL: '5m',
    LADEPULS_FEEDS: 'bonn kiel',
    RAW_STORE: 'file:raw',
    DATABASE_URL: 'postgres://a:p"$`\\w@h/d',
    AWS_REGION: 'eu-central-1',
    LADEPULS_CONTACT: '',
    LADEPULS_SECRET_TOKEN: 'a"$b',
    LADEPULS_SECRET_CERT_FILE: 'cert.p12',
    PATH: '/bin',
  });
  expect(text.split('\n').filter((line) => !line.startsWith('#'))).toEqual([
    'AWS_REGION="eu-central-1"',
    'DATABASE_URL="postgres://a:p\\"\\$\\`\\\\w@h/d"',
    'LADEPULS_FEEDS="bonn kiel"',
    'LADEPULS_INTERVAL="5m"',
    `LADEPULS_SECRET_CERT_FILE="${process.cwd()}/cert.p12"`,
    'LADEPULS_SECRET_TOKEN="a\\"\\$b"',
    `RAW_STORE="file:${process.cwd()}/raw"`,
    '',
  ]);
});
