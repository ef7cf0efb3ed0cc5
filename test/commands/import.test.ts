import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { CommandFailed, type Context } from '../../src/commands/context/context.js';
import { importRecorded, type ImportOptions } from '../../src/commands/import/importRecorded.js';
import { readConfig } from '../../src/settings/config.js';
import { temporaryFolder } from '../importing/rawStore.js';

const NAME = '20220111_215824_cp_data_cities.json';
const POLL = '{"bonn": {"data": [], "status_code": 1000}, "kiel": {"status_code": 3000}}';

async function context(): Promise<Context> {
  const env = { LADEPULS_HOME: await temporaryFolder() };
  const { signal } = new AbortController();
  return { env, config: readConfig(env), signal, hurry: signal, progress: () => undefined };
}

/** Runs the command; what it printed, and the message that it failed with. */
async function run(settings: Context, paths: string[], options: Partial<ImportOptions> = {}) {
  const printed = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    const failure = await importRecorded(settings, paths, { source: 'chargecloud', ...options }).then(
      () => null,
      (error: unknown) => error,
    );
    return { output: printed.mock.calls.map(([text]) => String(text)).join(''), failure };
  } finally {
    printed.mockRestore();
  }
}

async function pollFile(content = POLL): Promise<string> {
  const path = join(await temporaryFolder(), NAME);
  await writeFile(path, content);
  return path;
}

describe('ladepuls import', () => {
  it('says what it did', async () => {
    const settings = await context();
    const file = await pollFile();
    expect(await run(settings, [file])).toEqual({
      output:
        '1 file read: 2 bodies stored, 0 already there\n' +
        'Rejected answers among them, stored separately: 1 status_code_3000\n' +
        '2 feeds, day 2022-01-11\n',
      failure: null,
    });
    expect((await run(settings, [file])).output).toMatch(/^1 file read: 0 bodies stored, 2 already there\n/);
  });

  it('says it as JSON', async () => {
    const { output } = await run(await context(), [await pollFile()], { json: true });
    expect(JSON.parse(output)).toEqual({
      files: 1,
      stored: 2,
      alreadyThere: 0,
      wrongAnswers: { status_code_3000: 1 },
      days: ['2022-01-11'],
      feeds: ['bonn', 'kiel'],
      failed: [],
      rawStore: null,
    });
  });

  it.each([false, true])('fails after all the rest is done, and names each file (JSON: %s)', async (json) => {
    const { output, failure } = await run(await context(), [await pollFile(), 'absent\u001b.json'], { json });
    expect(failure).toBeInstanceOf(CommandFailed);
    expect((failure as Error).message).toMatch(
      /^1 file was not read completely; everything else was imported\. Repair/,
    );
    if (json) expect(JSON.parse(output)).toMatchObject({ failed: [{ reason: 'does not exist' }] });
    else expect(output).toMatch(/^1 file read: 2 bodies.*\nabsent\?\.json does not exist\n$/s);
  });

  it('copies another raw store', async () => {
    const [one, other] = [await context(), await context()];
    await run(other, [await pollFile()]);
    expect(await run(one, [], { rawStore: other.config.stores.raw })).toEqual({
      output: '4 objects copied from the other raw store, 0 already there\n',
      failure: null,
    });
  });

  it.each([
    ['nothing to import', undefined, /^There is nothing to import/],
    ['no raw store', 'file:/nowhere', /^file:\/nowhere has no objects of a raw store/],
    ['no address', 'nowhere', /^"nowhere" is not the address of a store/],
  ])('fails on %s', async (_, rawStore, message) => {
    const { failure } = await run(await context(), [], rawStore === undefined ? {} : { rawStore });
    expect((failure as Error).message).toMatch(message);
  });

  it('fails on its own raw store, and on a source that there is not', async () => {
    const settings = await context();
    const own = await run(settings, [], { rawStore: settings.config.stores.raw });
    expect((own.failure as Error).message).toMatch(/is this installation's own raw store/);
    const unknown = await run(settings, ['x'], { source: 'nope' });
    expect((unknown.failure as Error).message).toMatch(/there is no source "nope"; the sources are/);
  });
});
