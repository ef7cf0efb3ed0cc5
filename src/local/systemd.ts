import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Which systemd is meant: a user's own, or the machine's. */
export type Scope = 'user' | 'system';

interface Answer {
  ok: boolean;
  /** Standard output and error, trimmed. */
  output: string;
}

const TIMEOUT_MS = 60_000;

/** Run `systemctl`. Never throws: `ok` and `output` of the result have the failure. */
export function systemctl(scope: Scope, args: readonly string[]): Promise<Answer> {
  const all = [...(scope === 'user' ? ['--user'] : []), '--no-pager', ...args];
  return new Promise((resolve) => {
    execFile('systemctl', all, { timeout: TIMEOUT_MS }, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`.trim();
      resolve({ ok: error === null, output: output === '' && error ? error.message : output });
    });
  });
}

/** Return systemd's version, such as 252; null if systemctl is absent. */
export async function systemdVersion(): Promise<number | null> {
  const { ok, output } = await systemctl('system', ['--version']);
  const [, version] = /^systemd (\d+)/.exec(output) ?? [];
  return ok && version !== undefined ? Number(version) : null;
}

/** Return the reason why systemd can't be reached; null if it can. */
export async function whyNoSystemd(scope: Scope): Promise<string | null> {
  if ((await systemdVersion()) === null) return 'There is no systemd on this machine: it has no systemctl';
  if (!existsSync('/run/systemd/system')) return 'systemd does not run on this machine (a container?)';
  const { ok, output } = await systemctl(scope, ['show', '--property=Version']);
  if (ok) return null;
  const whose = scope === 'user' ? "This user's systemd" : 'systemd';
  return `${whose} does not answer: ${output}`;
}
