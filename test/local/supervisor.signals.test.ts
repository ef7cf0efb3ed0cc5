import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { readOwner } from '../../src/local/homeLock.js';
import { clusterFolder, processesOf } from './support/processes.js';
import { newHome, removeHomes, supervise, until, type Supervised } from './support/supervised.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** The phases of a start, each with the first visible sign of it. */
const PHASES: Record<string, (home: string, supervised: Supervised) => boolean> = {
  'the process runs': (_home, { events }) => events.length > 0,
  'the home is locked': (home) => existsSync(join(home, 'run', 'owner', '1.json')),
  'the guard runs': (home) => ledgers(home).length > 0,
  'initdb runs': (home) => namesIn(clusterFolder(home)).some((name) => name.startsWith('initdb-')),
  'the cluster stands': (home) => namesIn(clusterFolder(home)).includes('postgres'),
  'Temporal starts': (home) => existsSync(join(home, 'temporal.db')),
  'Temporal tells that it is up': (home) => log(home, 'temporal').includes('Temporal Server:'),
  'Postgres tells that it is up': (home) => log(home, 'postgres').includes('ready to accept connections'),
  'everything is up': (_home, { events }) => events.some(({ event }) => event === 'up'),
};

afterAll(removeHomes);

describe.concurrent.each(Object.keys(PHASES))('when %s', (phase) => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends the start and leaves nothing behind', async (signal, exitCode) => {
    const { home, supervised } = await startUntil(phase);
    supervised.kill(signal);
    const code = await supervised.exited();
    // After the start, a signal is the normal way to stop, and the exit code is 0. During the start, it is a failure.
    expect(code).toBe(supervised.events.some(({ event }) => event === 'up') ? 0 : exitCode);
    expect(processesOf(home)).toEqual([]);
    expect(ledgers(home)).toEqual([]);
    expect(readOwner(home)).toBeNull();
  });
});

describe.concurrent.each(['the guard runs', 'initdb runs', 'the cluster stands', 'Temporal starts'])(
  'when %s',
  (phase) => {
    test('SIGKILL leaves nothing behind but data that the next start goes on with', async () => {
      const { home, supervised } = await startUntil(phase);
      supervised.kill('SIGKILL');
      await supervised.exited();
      const next = supervise({ home });
      const { postgresUrl, temporalAddress } = await next.addresses();
      expect(postgresUrl).toMatch(/^postgres:/);
      expect(temporalAddress).toMatch(/^127\.0\.0\.1:\d+$/);
      next.kill('SIGTERM');
      expect(await next.exited()).toBe(0);
      expect(processesOf(home)).toEqual([]);
    });
  },
);

async function startUntil(phase: string): Promise<{ home: string; supervised: Supervised }> {
  const home = newHome();
  const supervised = supervise({ home });
  await until(
    () => PHASES[phase]?.(home, supervised) ?? false,
    `${phase} (${JSON.stringify(supervised.events)})`,
  );
  return { home, supervised };
}

function ledgers(home: string): string[] {
  return namesIn(join(home, 'run')).filter((name) => /^processes-\d+\.json$/.test(name));
}

function namesIn(folder: string | null): string[] {
  return folder !== null && existsSync(folder) ? readdirSync(folder) : [];
}

function log(home: string, name: string): string {
  const path = join(home, 'logs', `${name}.log`);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
