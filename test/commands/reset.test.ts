import { existsSync, mkdtempSync, realpathSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { clusterFolder } from '../embedded/support/processes.js';
import { Command } from './support/command.js';

/** A home, and a store outside of it. */
async function newHome() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ladepuls-reset-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const home = join(folder, 'home');
  const outside = join(folder, 'raw');
  for (const store of [outside, join(home, 'raw'), join(home, 'flat')]) {
    await mkdir(store, { recursive: true });
    await writeFile(join(store, 'object'), '');
  }
  const run = async (args: string[], env: Record<string, string> = {}) => {
    const command = new Command(args, { LADEPULS_HOME: home, ...env }, folder);
    return { code: await command.exited(), stdout: command.stdout, stderr: command.stderr };
  };
  return { home, outside, run };
}

describe('ladepuls reset', { timeout: 60_000 }, () => {
  it('only lists what it would remove, unless it is told to', async () => {
    const { home, run } = await newHome();
    const { code, stderr } = await run(['reset']);
    expect(code).toBe(1);
    expect(stderr).toContain(`${home}/raw\n  ${home}/flat\nTo remove it for good, add --yes.`);
    expect(existsSync(join(home, 'raw', 'object'))).toBe(true);
  });

  it('removes what the embedded parts made, the cluster that stands elsewhere included, and a fresh start works', async () => {
    const { home, run } = await newHome();
    // A home without tables answers a query too: they are made first.
    const tables = ['sql', '--json', 'select count(*) from status_connectors'];
    expect(await run(tables)).toMatchObject({ code: 0, stdout: '[{"count":0}]\n' });
    const cluster = clusterFolder(home) ?? '';
    expect(existsSync(cluster)).toBe(true);
    const { code, stdout } = await run(['reset', '--yes', '--json']);
    expect(code).toBe(0);
    const { removed } = JSON.parse(stdout) as { removed: string[] };
    expect(removed).toEqual(expect.arrayContaining([join(home, 'raw'), join(home, 'logs')]));
    expect([home, cluster].filter((path) => existsSync(path) && path !== join(home, '..'))).toEqual([]);
    expect(await run(['reset', '--yes'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('nothing to remove') as string,
    });
  });

  it('leaves stores outside of the home, and what others put there', async () => {
    const { home, outside, run } = await newHome();
    await writeFile(join(home, 'notes.txt'), '');
    const { code, stdout } = await run(['reset', '--yes'], {
      RAW_STORE: `file:${outside}`,
      FLAT_STORE: 's3://bucket/flat',
    });
    expect(code).toBe(0);
    expect(stdout).toContain(`Left as they are, outside of the home:\n  file:${outside}\n  s3://bucket/flat`);
    expect(existsSync(join(outside, 'object'))).toBe(true);
    expect(existsSync(join(home, 'raw', 'object'))).toBe(true);
    expect(existsSync(join(home, 'notes.txt'))).toBe(true);
  });
});
