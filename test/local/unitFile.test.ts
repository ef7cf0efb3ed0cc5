import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isAsWritten, unitFile, type UnitOptions, unitWord } from '../../src/local/unitFile.js';

const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0;
if (!hasAnalyze && process.env.CI === 'true')
  throw new Error('systemd-analyze is missing (package systemd).');

const OPTIONS: UnitOptions = {
  scope: 'system',
  node: process.execPath,
  cli: '/opt/ladepuls/dist/cli.js',
  home: '/var/lib/ladepuls/home',
  cache: '/var/cache/ladepuls',
  environmentFile: '/etc/ladepuls/ladepuls.env',
  user: userInfo().username,
  writable: [],
  systemdVersion: null,
};
/** A path with all characters that need escaping. */
const ODD = '/srv/a b/100% "x" \\ $HOME/ä';

/** Return systemd's complaints about a unit; empty if there are none. */
function verify(unit: string, scope: 'user' | 'system'): string {
  const folder = mkdtempSync(join(tmpdir(), 'ladepuls-unit-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'ladepuls.service');
  writeFileSync(path, unit);
  const args = [...(scope === 'user' ? ['--user'] : []), 'verify', '--man=no', '--recursive-errors=no', path];
  const env = { ...process.env, XDG_RUNTIME_DIR: folder };
  const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8', env });
  return status === 0 ? stderr : `${status}: ${stdout}${stderr}`;
}

describe.skipIf(!hasAnalyze)('systemd finds nothing wrong with a unit', () => {
  it.each<[string, Partial<UnitOptions>]>([
    ['of the system', {}],
    ['of a user', { scope: 'user' }],
    ['of root', { user: 'root' }],
    ['of odd paths', { home: ODD, writable: [ODD, '/srv/raw'], environmentFile: '/etc/a b/100%.env' }],
    ['of odd paths of a user', { scope: 'user', home: ODD, cache: ODD }],
    ['below /home', { home: '/home/somebody/.ladepuls' }],
  ])('%s', (_whose, options) => {
    expect(verify(unitFile({ ...OPTIONS, ...options }), options.scope ?? 'system')).toBe('');
  });

  it('and finds it well protected', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ladepuls-unit-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'ladepuls.service');
    writeFileSync(path, unitFile({ ...OPTIONS, user: 'ladepuls' }));
    // The threshold is 3.0 on systemd's scale, where 10 means no protection. Most services of a distribution have 9 or
    // more.
    const args = ['security', '--offline=yes', '--no-pager', '--threshold=30', path];
    expect(execFileSync('systemd-analyze', args, { encoding: 'utf8' })).toContain('Overall exposure level');
  });
});

describe('a unit', () => {
  it('is started once it says so, watched, and restarted but for a wrong setting', () => {
    const unit = unitFile(OPTIONS);
    for (const line of [
      'Type=notify',
      'NotifyAccess=all',
      'WatchdogSec=120',
      'Restart=on-failure',
      'RestartPreventExitStatus=78',
      'KillMode=mixed',
      'MemoryDenyWriteExecute=no',
      'NoNewPrivileges=yes',
    ])
      expect(unit.split('\n')).toContain(line);
  });

  it('has growing pauses where systemd knows them', () => {
    expect(unitFile({ ...OPTIONS, systemdVersion: 252 })).not.toContain('RestartSteps');
    expect(unitFile({ ...OPTIONS, systemdVersion: 254 })).toContain('RestartSteps=5\nRestartMaxDelaySec=60');
  });

  it('hides from the service nothing that it needs', () => {
    const of = (options: Partial<UnitOptions>) => unitFile({ ...OPTIONS, node: '/usr/bin/node', ...options });
    expect(of({})).toContain('ProtectHome=yes\nPrivateTmp=yes');
    expect(of({ home: '/tmp/a' })).toContain('ProtectHome=yes\nPrivateTmp=no');
    expect(of({ writable: ['/var/tmp'] })).toContain('PrivateTmp=no');
    expect(of({ cli: '/home/a/dist/cli.js' })).toContain('ProtectHome=read-only\nPrivateTmp=yes');
  });

  it('knows whether somebody changed it', () => {
    const unit = unitFile(OPTIONS);
    expect(isAsWritten(unit)).toBe(true);
    expect(isAsWritten(unit.replace('WatchdogSec=120', 'WatchdogSec=0'))).toBe(false);
    expect(isAsWritten('[Service]\nExecStart=/bin/true\n')).toBe(false);
    expect(isAsWritten('')).toBe(false);
  });

  it('can’t name a path with a line break', () => {
    expect(() => unitFile({ ...OPTIONS, home: '/srv/a\nExecStartPre=/bin/true' })).toThrow(RangeError);
    expect(unitWord('a "b" 5%')).toBe('"a \\"b\\" 5%%"');
  });
});
