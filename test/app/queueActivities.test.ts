import { chmod, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readConfig } from '../../src/settings/config.js';
import { openQueue } from '../../src/app/queueActivities.js';

it.each(['acquire', 'current'] as const)(
  'a worker of %s lets nobody but owner and group into its raw store, outside of its home too',
  async (queue) => {
    const folder = await mkdtemp(join(tmpdir(), 'ladepuls-queue-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const raw = join(folder, 'raw');
    await mkdir(raw);
    await chmod(raw, 0o755);
    const config = readConfig({
      LADEPULS_HOME: join(folder, 'home'),
      RAW_STORE: `file:${raw}`,
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing',
    });
    const told: string[] = [];
    const log = { warn: (line: string) => void told.push(line), info: () => undefined };
    const opened = await openQueue(queue, config, log);
    onTestFinished(() => opened.close().then(() => undefined));
    await expect.poll(async () => (await stat(raw)).mode & 0o777).toBe(0o750);
    expect(told).toEqual([]);
  },
);
