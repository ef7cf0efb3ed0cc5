import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { addDays, type Day, dayBounds, dayOf } from '../../src/domain/day.js';
import { openStore } from '../../src/stores/open.js';
import type { Store } from '../../src/stores/store.js';
import { ensureSearchAttributes } from '../../src/temporal/searchAttributes.js';
import { envelope, point, putPoll, station, ZONE } from '../cleaning/support/polls.js';
import { makeStores } from '../cleaning/support/stores.js';
import { sealFeedDay } from '../stores/sealed/support/seal.js';
import { startWorker, temporalAddress } from '../support/temporal.js';
import { loadDay, openBench } from '../warehouse/support/loads.js';
import { column, digest } from '../warehouse/support/query.js';
import { Command } from './support/command.js';
import { makeNamespace } from './support/namespace.js';

/** A day of the last week, whose load the command waits for. */
const DAY = addDays(dayOf(Date.now(), ZONE), -2);
const NEXT = addDays(DAY, 1);

interface Result {
  code: number | NodeJS.Signals;
  stdout: string;
  stderr: string;
}

/** `ladepuls raw` on a home and a raw store. */
function commandOn(raw: Store, settings: Record<string, string> = {}) {
  const home = mkdtempSync(join(tmpdir(), 'ladepuls-raw-'));
  onTestFinished(() => rm(home, { recursive: true }));
  const env = { LADEPULS_HOME: home, RAW_STORE: raw.url, LADEPULS_TIME_ZONE: ZONE, ...settings };
  const run = async (...args: string[]): Promise<Result> => {
    const command = new Command(args, env, home);
    const code = await command.exited();
    return { code, stdout: command.stdout, stderr: command.stderr };
  };
  return { run, home };
}

async function temporaryRaw(): Promise<Store> {
  const { raw, remove } = makeStores();
  onTestFinished(remove);
  for (const day of [DAY, NEXT]) await putDay(raw, day);
  return raw;
}

/** Store six answers of koeln and of bonn at the beginning of a day. */
async function putDay(raw: Store, day: Day): Promise<void> {
  for (let index = 0; index < 6; index++)
    for (const [feed, id] of [
      ['koeln', '1'],
      ['bonn', '2'],
    ] as const) {
      const slot = dayBounds(day, ZONE).start + index * 600_000;
      await putPoll(raw, { slot, feed, body: envelope(slot, [station(id, [point(`${id}1`)])]) });
    }
}

const json = ({ code, stdout, stderr }: Result): unknown => {
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
};
const WEEK = ['--feed', 'koeln', '--from', DAY, '--to', NEXT];

describe('ladepuls raw, while nothing runs', { timeout: 120_000 }, () => {
  it('excludes, lists and includes; the same again records nothing', async () => {
    const raw = await temporaryRaw();
    const { run } = commandOn(raw);
    const count = async () => (await raw.listFolders('polls/koeln/')).length;
    const before = await count();
    const range = {
      from: new Date(dayBounds(DAY, ZONE).start).toISOString(),
      to: new Date(dayBounds(NEXT, ZONE).end).toISOString(),
    };
    const told = { feed: 'koeln', ...range, damaged: [] };
    const left = expect.stringContaining('Ladepuls does not run:') as string;
    const exclude = () => run('raw', 'exclude', ...WEEK, '--reason', ' a test, "by" mistake ', '--json');
    expect(json(await exclude())).toMatchObject({
      ...told,
      kind: 'exclude',
      isRecorded: true,
      answers: 12,
      days: [DAY, NEXT],
      reloaded: { days: [], begun: [], notLoaded: {}, left },
    });
    expect(json(await exclude())).toMatchObject({ isRecorded: false, answers: 0, days: [] });
    expect((await run('raw', 'exclude', ...WEEK, '--reason', 'a test, "by" mistake')).stdout).toMatch(
      /^koeln is excluded from .* already, for this reason: nothing is recorded\.\n$/,
    );
    const { exclusions, corrections } = json(await run('raw', 'exclusions', '--json')) as {
      exclusions: object[];
      corrections: object[];
    };
    expect(exclusions).toMatchObject([{ feed: 'koeln', ...range, reason: 'a test, "by" mistake' }]);
    expect(corrections).toHaveLength(1);
    expect((await run('raw', 'exclusions')).stdout).toMatch(
      new RegExp(`koeln +│ ${DAY} 00:00 │ .* 00:00 │ a test, "by" mistake │ \\S+@\\S+ +│`),
    );
    const coverage = json(await run('coverage', '--from', DAY, '--to', NEXT, '--json'));
    expect(coverage).toMatchObject({ feeds: [{ feed: 'bonn', unexpected: 12 }] });

    const include = await run('raw', 'include', ...WEEK, '--no-load');
    expect(include.stdout).toMatch(/^koeln counts again from .*: 12 answers of 2 days\.\n.*by itself/);
    expect((await run('raw', 'exclusions')).stdout).toBe('No answers are excluded.\n');
    expect(await run('raw', 'include', ...WEEK)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No answers of koeln are excluded in this range.') as string,
    });
    expect(await count()).toBe(before);
  });

  it('takes times; a second exclusion over a part of the first gives its reason there', async () => {
    const raw = await temporaryRaw();
    const { run } = commandOn(raw);
    const at = (time: string) => `${DAY}T${time}`;
    const exclude = (from: string, to: string, reason: string) =>
      run('raw', 'exclude', '--feed', 'koeln', '--from', from, '--to', to, '--reason', reason, '--json');
    expect(json(await exclude(at('00:10'), at('00:40'), 'first'))).toMatchObject({ answers: 3 });
    expect(json(await exclude(at('00:30'), at('01:30'), 'second'))).toMatchObject({
      answers: 2,
      isRecorded: true,
    });
    const shown = json(await run('raw', 'exclusions', '--feed', 'koeln', '--json')) as {
      exclusions: { from: string; to: string; reason: string }[];
    };
    const start = dayBounds(DAY, ZONE).start;
    const minute = (iso: string) => (Date.parse(iso) - start) / 60_000;
    expect(shown.exclusions.map(({ from, to, reason }) => [minute(from), minute(to), reason])).toEqual([
      [10, 30, 'first'],
      [30, 90, 'second'],
    ]);
    expect(json(await run('raw', 'exclusions', '--feed', 'bonn', '--json'))).toEqual({
      exclusions: [],
      corrections: [],
    });
  });

  it('warns of days whose facts could not be brought back', async () => {
    const raw = await temporaryRaw();
    await sealFeedDay(raw, 'koeln', DAY);
    let key = '';
    for await (const object of raw.list('sealed/koeln/')) key = object.key;
    await raw.put(key, Buffer.from('damaged'));
    const { code, stdout } = await commandOn(raw).run('raw', 'exclude', ...WEEK, '--reason', 'wrong');
    expect(code).toBe(0);
    expect(stdout).toContain('6 answers of 2 days');
    expect(stdout).toContain(`${key} is damaged`);
    expect(stdout).toContain('only an undamaged copy of the object could bring them back');
  });

  it('names a correction that can’t be read, and lists the others', async () => {
    const raw = await temporaryRaw();
    const { run } = commandOn(raw);
    for (const feed of ['bonn', 'koeln'])
      json(await run('raw', 'exclude', '--feed', feed, '--from', DAY, '--reason', 'wrong', '--json'));
    let key = '';
    for await (const object of raw.list('corrections/koeln/')) key = object.key;
    await raw.put(key, (await raw.get(key)).subarray(0, 30));
    const listed = await run('raw', 'exclusions');
    expect(listed).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`${key} in the raw store is damaged`) as string,
    });
    expect(listed.stdout).toContain('bonn');
    const further = await run('raw', 'exclude', ...WEEK, '--reason', 'wrong');
    expect(further).toMatchObject({ code: 1, stderr: expect.stringContaining(key) as string });
  });

  const EXCLUDE = ['exclude', '--feed', 'koeln', '--reason', 'wrong'];
  it.each([
    [['exclude', ...WEEK], "required option '--reason <text>' not specified"],
    [['exclude', ...WEEK, '--reason', '  '], '--reason is empty'],
    [['exclude', ...WEEK, '--reason', 'two\nlines'], '--reason has control characters'],
    [
      ['exclude', ...WEEK, '--reason', 'x'.repeat(100_000)],
      '--reason has 100000 characters, but 500 at most',
    ],
    [['exclude', '--feed', 'Koeln', '--from', DAY, '--reason', 'x'], 'There is no feed "Koeln"'],
    [['exclude', '--feed', 'Koeln', '--from', DAY, '--reason', 'x'], 'Did you mean koeln?'],
    [['exclude', '--feed', '../bonn', '--from', DAY, '--reason', 'x'], 'There is no feed "../bonn"'],
    [['include', '--feed', 'koeln', '--from', DAY], 'No answers of koeln are excluded in this range.'],
    [[...EXCLUDE, '--from', NEXT, '--to', DAY], `--from ${NEXT} is not before --to ${DAY}`],
    [[...EXCLUDE, '--from', `${DAY}T12:00`, '--to', `${DAY}T12:00`], 'no slot lies between'],
    [[...EXCLUDE, '--from', `${DAY}T12:00`], '--to must name the time'],
    [[...EXCLUDE, '--from', '2999-01-01'], 'is in the future. "ladepuls feeds pause"'],
    [[...EXCLUDE, '--from', DAY, '--to', '2999-01-01'], '--to 2999-01-01 is after today'],
    [[...EXCLUDE, '--from', 'yesterday', '--to', DAY], '--from is "yesterday", but it must be a day such as'],
    [[...EXCLUDE, '--from', '2022-02-30'], 'there is no such day'],
    [[...EXCLUDE, '--from', DAY, '--to', `${DAY}T24:10`], 'it must be a day such as'],
    [[...EXCLUDE, '--from', DAY, '--to', '2022-02-30T10:00'], 'there is no such time'],
    [[...EXCLUDE, '--from', '2022-03-27T02:30', '--to', DAY], 'the clocks of Europe/Berlin skip this time'],
    [[...EXCLUDE, '--from', '2022-10-30T02:30', '--to', DAY], 'show this time twice. Add an offset'],
  ])('%j fails with a line that says why', async (args, message) => {
    const raw = await temporaryRaw();
    const { code, stderr } = await commandOn(raw).run('raw', ...args);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    for await (const { key } of raw.list('corrections/')) expect.fail(key);
  });
});

describe('ladepuls raw, while a worker runs', { timeout: 240_000 }, () => {
  let settings: Record<string, string>;
  beforeAll(async () => {
    const address = await temporalAddress();
    const namespace = await makeNamespace(address);
    settings = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
    await ensureSearchAttributes(settings, new AbortController().signal);
  });

  it('loads the days again, and with include the warehouse is what it was', async () => {
    const raw = await temporaryRaw();
    const { flat, remove } = makeStores();
    onTestFinished(remove);
    const bench = await openBench({ raw, flat });
    for (const day of [DAY, NEXT]) await loadDay(bench, day);
    const worker = await startWorker(bench.activities, {
      taskQueue: 'load',
      namespace: settings.TEMPORAL_NAMESPACE ?? '',
    });
    onTestFinished(() => worker.stop());
    const before = await digest(bench.url);
    const polls = () => column(bench.url, 'select count(*)::int from ops.poll');
    const { run } = commandOn(raw, settings);
    const reloaded = { days: [DAY, NEXT], begun: [], notLoaded: {}, left: null };
    expect(json(await run('raw', 'exclude', ...WEEK, '--reason', 'wrong', '--json'))).toMatchObject({
      reloaded,
    });
    expect(await polls()).toEqual([12]);
    const { code, stdout } = await run('raw', 'include', ...WEEK);
    expect(code).toBe(0);
    expect(stdout).toContain(`Loaded again: ${DAY} to ${NEXT}.`);
    expect(await digest(bench.url)).toEqual(before);
  });

  it('keeps the correction where Temporal does not answer', async () => {
    const raw = await temporaryRaw();
    const { run } = commandOn(raw, { TEMPORAL_ADDRESS: '127.0.0.1:1' });
    const { code, stdout } = await run('raw', 'exclude', ...WEEK, '--reason', 'wrong');
    expect(code).toBe(0);
    expect(stdout).toContain("The days are not loaded again yet: Can't connect to Temporal at 127.0.0.1:1");
    expect(stdout).toContain('The service loads these days again by itself');
    for await (const { key } of openStore(raw.url).list('corrections/'))
      expect(key).toContain('corrections/koeln/');
  });
});
