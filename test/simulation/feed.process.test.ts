import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { simulateFleet } from '../../src/simulation/feed/fleet.js';
import type { ProcessOptions } from '../../src/simulation/feed/processOptions.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROCESS = path.join(ROOT, 'src/simulation/feed/process.ts');
/** Runs the TypeScript source, like `node dist/simulation/feed/process.js` after a build. */
const RUN = `process.argv.splice(1, 0, ${JSON.stringify(PROCESS)});
  const { runnerImport } = await import('vite');
  await runnerImport(process.argv[1], { configFile: false, logLevel: 'silent' });`;

const OPTIONS: ProcessOptions = { fleet: { seed: 1, feeds: ['roth'], stationsPerFeed: 3 } };

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function run(argument: string): { child: ChildProcessWithoutNullStreams; exited: Promise<unknown[]> } {
  const child = spawn(process.execPath, ['--input-type=module', '-e', RUN, argument], { cwd: ROOT });
  const exited = once(child, 'exit');
  ends.push(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  return { child, exited };
}

async function urlOf(child: ChildProcessWithoutNullStreams): Promise<string> {
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return (JSON.parse(line) as { url: string }).url;
}

describe('the simulated feed as a process', { timeout: 60_000 }, () => {
  it.each(['SIGTERM', 'SIGINT', 'the end of its input'])(
    'says where it answers, and stops on %s',
    async (how) => {
      const { child, exited } = run(JSON.stringify(OPTIONS));
      const url = await urlOf(child);
      const answer = (await (await fetch(`${url}/roth`)).json()) as { data: { id: string }[] };
      const fleet = simulateFleet({ seed: 1, feeds: ['roth'], stationsPerFeed: 3 });
      const expected = JSON.parse(fleet.envelope('roth', Date.now())) as typeof answer;
      expect(answer.data.map(({ id }) => id)).toEqual(expected.data.map(({ id }) => id));
      if (how === 'SIGTERM' || how === 'SIGINT') child.kill(how);
      else child.stdin.end();
      expect(await exited).toEqual([0, null]);
    },
  );

  it('reads its options from a file, recordings included', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'ladepuls-process-'));
    ends.push(() => rm(folder, { recursive: true }));
    const poll = path.join(folder, '20220111_215824_cp_data_cities.json');
    await writeFile(poll, '{"bonn": {"data": [], "timestamp": ""}}');
    const document = path.join(folder, 'ocpi.json');
    await writeFile(document, '{"data": ["ocpi"]}');
    const options: ProcessOptions = {
      ...OPTIONS,
      polls: { paths: [folder] },
      documents: { herrenberg: document },
    };
    await writeFile(path.join(folder, 'options.json'), JSON.stringify(options));
    const { child } = run(path.join(folder, 'options.json'));
    const url = await urlOf(child);
    expect((await fetch(`${url}/roth`)).status).toBe(200);
    expect(await (await fetch(`${url}/bonn`)).text()).toMatch(/^\{"data": \[\], "timestamp": "20\d\d-.*"\}$/);
    expect(await (await fetch(`${url}/herrenberg`)).text()).toBe('{"data": ["ocpi"]}');
  });

  it.each([
    ['{"fleet":{"seed":"one","feeds":[]}}', 'fleet.seed'],
    ['{"flet":{}}', 'flet'],
    ['/nowhere/options.json', 'ENOENT'],
  ])('says what is wrong with %s', async (argument, message) => {
    const { child, exited } = run(argument);
    expect(await text(child.stderr)).toContain(message);
    expect(await exited).toEqual([1, null]);
  });
});
