import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { compiledFile } from '../../src/runtime/paths.js';
import { openStore } from '../../src/stores/open.js';
import { getRaw, listRaw } from '../../src/stores/raw.js';
import { Spool, spoolFolder, spoolState } from '../../src/stores/spool.js';
import { DAY, FEED, putPoll, slotAt } from '../cleaning/support/polls.js';

/** A program that drains a home's spool into its raw store, and prints a line for each object. */
const DRAIN = `
  const [drain, spool, open, home, raw] = process.argv.slice(1);
  const { drainSpool } = await import(drain);
  const { Spool, spoolFolder } = await import(spool);
  const { openStore } = await import(open);
  const log = { info() {}, warn: console.error };
  const onTaken = () => process.stdout.write('taken\\n');
  const options = { spool: new Spool(spoolFolder(home), 1e9), raw: openStore(raw), log, onTaken };
  await drainSpool(options, new AbortController().signal);
`;

it('loses no answer and brings none up in halves, however often the process that drains is killed', async () => {
  const home = await mkdtemp(join(tmpdir(), 'ladepuls-drained-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const rawUrl = `file:${join(home, 'raw')}`;
  const spool = new Spool(spoolFolder(home), 1e9);
  const waiting = openStore(`file:${join(spool.folder, 'waiting')}`);
  const keys = new Set<string>();
  for (let index = 0; index < 120; index++) {
    const body = { index, filling: 'x'.repeat(20_000) };
    keys.add(await putPoll(waiting, { slot: slotAt(index), body }));
  }
  const files = ['drainSpool.js', 'spool.js', 'open.js'].map((name) => compiledFile(`stores/${name}`));
  for (let round = 1; (await spoolState(home)).objects > 0; round++) {
    expect(round).toBeLessThan(60);
    const child = spawn(
      process.execPath,
      ['--input-type=module', '--eval', DRAIN, '--', ...files, home, rawUrl],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = once(child, 'exit');
    // Kill some processes after the first object, some later.
    let taken = 0;
    const lines = round % 7;
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (text: Buffer) => {
        taken += text.toString().split('taken').length - 1;
        if (taken > lines * 5) resolve();
      });
      void ended.then(() => resolve());
      const look = setInterval(() => {
        void spoolState(home).then(({ objects }) => {
          if (objects === 0) resolve();
        });
      }, 50);
      onTestFinished(() => clearInterval(look));
    });
    child.kill('SIGKILL');
    await ended;
  }
  const raw = openStore(rawUrl);
  const found = new Set<string>();
  for await (const { key } of listRaw(raw, 'accepted', FEED, DAY)) {
    expect((await getRaw(raw, key)).body.length).toBeGreaterThan(20_000);
    found.add(key);
  }
  expect(found).toEqual(keys);
  expect(await readdir(spool.folder)).toEqual(['waiting']);
});
