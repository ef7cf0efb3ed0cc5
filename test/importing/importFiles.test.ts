import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/sources/answerLimits.js';
import { importFiles } from '../../src/importing/importFiles.js';
import { expectations } from '../../src/stores/collectionLog.js';
import { getRaw } from '../../src/stores/raw.js';
import { sealFeedDay } from '../stores/sealed/support/seal.js';
import { contents, emptyRawStore, keysBelow, temporaryFolder } from './rawStore.js';
import { zipArchive } from './zipArchive.js';

const NAME = '20220111_215824_cp_data_cities.json';
const good = (stations = '[]'): string =>
  `{ "data": ${stations}, "status_code": 1000, "timestamp": "2022-01-11T21:58:25+01:00" }`;
const POLL = `{"bonn": ${good()}, "kiel": ${good('[ ]')}}`;

/** Write files into a new folder and import the folder. */
async function imported(files: Record<string, string | Buffer>) {
  const folder = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const settings = await emptyRawStore();
  const summary = await importFiles([folder], settings);
  return { ...settings, summary, reasons: summary.failed.map(({ reason }) => reason) };
}

it('finds bodies that are sealed already there, and writes only what is new', async () => {
  const settings = await emptyRawStore();
  const { store } = settings;
  const folder = await temporaryFolder();
  await writeFile(join(folder, NAME), `{"bonn": ${good()}, "kiel": {"wrong": 1}}`);
  await importFiles([folder], settings);
  for (const feed of ['bonn', 'kiel']) await sealFeedDay(store, feed, '2022-01-11');
  const sealed = await contents(store);
  let streams = 0;
  const counting = Object.assign(Object.create(store) as typeof store, {
    getStream: (key: string) => (streams++, store.getStream(key)),
  });
  const copies = Array.from({ length: 20 }, (_, i) => `20220111_2158${i + 30}_cp_data_cities.json`);
  for (const copy of copies) await writeFile(join(folder, copy), `{"bonn": ${good()}}`);
  const summary = await importFiles([folder, folder], { ...settings, store: counting });
  expect(summary).toMatchObject({
    files: 42,
    stored: 20,
    alreadyThere: 24,
    wrongAnswers: { no_status_code: 2 },
  });
  const added = (await keysBelow(store, '')).filter((key) => !sealed.has(key));
  expect(added).toHaveLength(20);
  expect(await importFiles([folder], settings)).toMatchObject({ stored: 0, alreadyThere: 22 });
  expect(streams).toBe(2); // the index of a feed is read once, however many files are imported
});

describe('an imported poll file', () => {
  it('leaves its envelopes in the raw store, to the byte, under the slot of its time', async () => {
    const { store, summary } = await imported({ [NAME]: POLL });
    expect(summary).toEqual({
      files: 1,
      stored: 2,
      alreadyThere: 0,
      wrongAnswers: {},
      days: ['2022-01-11'],
      feeds: ['bonn', 'kiel'],
      failed: [],
    });
    const [bonn = ''] = await keysBelow(store, 'polls/bonn/2022-01-11/20220111T2050Z/20220111T205824000Z-');
    const { meta, body } = await getRaw(store, bonn);
    expect(body.toString()).toBe(good());
    expect(meta).toMatchObject({
      feed: 'bonn',
      source: 'chargecloud',
      slot: '20220111T2050Z',
      origin: 'import',
      started_at: null,
      received_at: '2022-01-11T20:58:24.000Z',
      http_status: null,
      attempts: 0,
      reason: null,
      file: NAME,
      url: null,
    });
  });

  it('makes the slots of its days expected', async () => {
    const { store, timeZone } = await imported({ [NAME]: POLL });
    const range = { startMs: Date.UTC(2022, 0, 1), endMs: Date.UTC(2022, 1, 1) };
    expect(await expectations(store, range, timeZone)).toEqual(
      ['bonn', 'kiel'].map((feed) => ({
        feed,
        startMs: Date.UTC(2022, 0, 10, 23),
        endMs: Date.UTC(2022, 0, 11, 23),
        intervalMinutes: 10,
        paused: false,
      })),
    );
  });

  it('belongs to the local day of its slot', async () => {
    const { summary } = await imported({
      '20220111_235959_cp_data_cities.json': POLL,
      '20220112_000000_cp_data_cities.json': POLL,
    });
    expect(summary.days).toEqual(['2022-01-11', '2022-01-12']);
  });

  it('has two slots in the hour that comes twice, where offsets say so', async () => {
    const { store } = await imported({
      '20221030_021000+0200_cp_data_cities.json': `{"bonn":${good()}}`,
      '20221030_021000+0100_cp_data_cities.json': `{"bonn":${good()}}`,
      '20221030_022000_cp_data_cities.json': `{"bonn":${good()}}`,
    });
    const slots = (await keysBelow(store, 'polls/')).map((key) => key.split('/')[3]);
    expect(slots).toEqual(['20221030T0010Z', '20221030T0020Z', '20221030T0110Z']);
  });

  it('changes nothing when it is imported again', async () => {
    const { store, ...settings } = await imported({ [NAME]: POLL });
    const before = await contents(store);
    const folder = await temporaryFolder();
    await writeFile(join(folder, NAME), POLL);
    const again = await importFiles([folder, join(folder, NAME)], { ...settings, store });
    expect(again).toMatchObject({ files: 2, stored: 0, alreadyThere: 4, failed: [] });
    expect(await contents(store)).toEqual(before);
  });

  it('is told by its content whether it is compressed', async () => {
    const { summary } = await imported({
      [NAME]: gzipSync(POLL),
      '20220111_220824_cp_data_cities.json.gz': POLL,
    });
    expect(summary).toMatchObject({ stored: 4, failed: [] });
  });

  it('may hold answers with more records than are allowed: they are kept apart', async () => {
    const folder = await temporaryFolder();
    const ids = (count: number) => good(JSON.stringify(Array.from({ length: count }, (_, id) => ({ id }))));
    await writeFile(join(folder, NAME), `{"bonn": ${ids(3)}, "kiel": ${ids(4)}}`);
    const settings = { ...(await emptyRawStore()), limits: { ...DEFAULT_LIMITS, maxRecords: 3 } };
    const summary = await importFiles([folder], settings);
    expect(summary).toMatchObject({ stored: 2, wrongAnswers: { too_many_records: 1 } });
    expect(await keysBelow(settings.store, 'polls/bonn/')).toHaveLength(1);
    expect(await keysBelow(settings.store, 'answers/kiel/')).toHaveLength(1);
  });

  it('may hold wrong answers: they are kept apart, with their reason', async () => {
    const { store, summary } = await imported({
      [NAME]: `{"bonn": ${good()}, "a": null, "b": {"data": 1 1}, "c": {"status_code": 3000}, "d": "<html>"}`,
    });
    expect(summary).toMatchObject({ stored: 5, feeds: ['a', 'b', 'bonn', 'c', 'd'], failed: [] });
    expect(summary.wrongAnswers).toEqual({ not_an_object: 2, not_json: 1, status_code_3000: 1 });
    expect(await keysBelow(store, 'polls/')).toHaveLength(1);
    const [wrong = ''] = await keysBelow(store, 'answers/b/');
    const { meta, body } = await getRaw(store, wrong);
    expect([meta.reason, body.toString()]).toEqual(['not_json', '{"data": 1 1}']);
  });
});

describe('a file that is no whole poll file', () => {
  const NEXT = '20220111_220824_cp_data_cities.json';

  it.each<[what: string, name: string, content: string | Buffer, reason: string]>([
    ['named wrongly', 'README.md', POLL, 'is not named like a poll file'],
    [
      'of a time that is none',
      '20220327_023000_cp_data_cities.json',
      POLL,
      'does not exist in Europe/Berlin',
    ],
    ['empty', NAME, '', 'is empty'],
    ['empty and compressed', `${NAME}.gz`, gzipSync(''), 'is empty'],
    ['no JSON', NAME, '<html></html>', 'is not JSON'],
    ['JSON but no object', NAME, '[1]', 'is JSON, but not an object of feeds'],
    ['without feeds', NAME, '{}', 'holds no feeds'],
    ["one feed's answer", NAME, good(), "is one feed's answer, not a poll of feeds"],
    ['cut short in its first envelope', NAME, POLL.slice(0, 20), 'is cut short after byte 20'],
    ['compressed and damaged', `${NAME}.gz`, damaged(gzipSync(POLL)), "is damaged: it can't be decompressed"],
    [
      'cut short in its compression',
      `${NAME}.gz`,
      gzipSync(POLL).subarray(0, 11),
      'is cut short: its compressed',
    ],
    ['no zip', 'polls.zip', 'PK', "can't be read from the zip"],
  ])('is named with its reason, and the rest is imported: %s', async (_, name, content, reason) => {
    const { summary, store } = await imported({ [name]: content, [NEXT]: POLL });
    expect(summary).toMatchObject({ files: 1, stored: 2, wrongAnswers: {} });
    expect(summary.failed).toEqual([
      {
        file: expect.stringMatching(new RegExp(`/${name}$`)) as string,
        reason: expect.stringContaining(reason) as string,
      },
    ]);
    expect(await keysBelow(store, 'polls/')).toHaveLength(2);
  });

  it('loses no envelope that stands before the place where it is cut short', async () => {
    const { summary, reasons } = await imported({ [NAME]: POLL.slice(0, -5) });
    expect(summary).toMatchObject({ files: 1, stored: 1, feeds: ['bonn'] });
    expect(reasons).toEqual([
      `is cut short after byte ${POLL.length - 5}; feeds before that, which are imported: 1`,
    ]);
  });

  it('loses no envelope that can be decompressed', async () => {
    const noise = Array.from({ length: 3000 }, (_, i) => Math.sin(i).toString(36)).join();
    const long = `{"bonn": ${good()}, "hof": ${good(`["${noise}"]`)}, "kiel": ${good()}}`;
    const whole = gzipSync(long);
    const halved = await imported({ [`${NAME}.gz`]: whole.subarray(0, whole.length / 2) });
    expect(halved.summary).toMatchObject({ stored: 1, feeds: ['bonn'] });
    expect(halved.reasons[0]).toMatch(/^is cut short: its compressed data lacks its end; .*: 1$/);

    const withoutChecksum = await imported({ [`${NAME}.gz`]: whole.subarray(0, -6) });
    expect(withoutChecksum.summary).toMatchObject({ stored: 3 });
    expect(withoutChecksum.reasons).toHaveLength(1);
  });

  it('may have feeds whose names are no names: the others are imported', async () => {
    const { summary, reasons } = await imported({
      [NAME]: `{"../bonn": ${good()}, "": ${good()}, "kiel": ${good()}}`,
    });
    expect(summary).toMatchObject({ stored: 1, feeds: ['kiel'] });
    expect(reasons).toEqual([
      'has a feed whose name is not allowed: "../bonn"; has a feed whose name is not allowed: ""',
    ]);
  });

  it('is refused when it decompresses to more than a poll can be', async () => {
    const megabyte = gzipSync(Buffer.alloc(1024 * 1024));
    const bomb = Buffer.concat(Array.from({ length: 257 }, () => megabyte));
    const { reasons } = await imported({ [`${NAME}.gz`]: bomb });
    expect(reasons).toEqual(['holds more than 256 MB: no poll is that large']);
  });
});

describe('a folder', () => {
  it('is walked with all folders below it, but for hidden ones; links to files are followed', async () => {
    const settings = await emptyRawStore();
    const folder = await temporaryFolder();
    await mkdir(join(folder, '2022', '01'), { recursive: true });
    await mkdir(join(folder, '.git'));
    await writeFile(join(folder, '2022', '01', NAME), POLL);
    await writeFile(join(folder, '.git', 'HEAD'), '');
    await writeFile(join(folder, '.DS_Store'), '');
    await writeFile(join(folder, 'LICENSE'), '');
    await symlink(join(folder, '2022', '01', NAME), join(folder, '20220111_220824_cp_data_cities.json'));
    await symlink(join(folder, 'nowhere'), join(folder, 'broken'));
    await symlink('..', join(folder, '2022', 'around'));

    const summary = await importFiles([folder, join(folder, 'absent')], settings);

    expect(summary).toMatchObject({ files: 2, stored: 4 });
    expect(summary.failed.map(({ file, reason }) => `${file.slice(folder.length)} ${reason}`)).toEqual([
      '/2022/around is a link to a folder: give that folder itself',
      expect.stringContaining('/LICENSE is not named like a poll file'),
      '/absent does not exist',
      '/broken does not exist',
    ]);
  });
});

describe('a zip', () => {
  const bytes = Buffer.from(POLL);

  it('is read entry by entry; of names only what follows the last slash counts', async () => {
    const { store, summary } = await imported({
      'polls.zip': zipArchive([
        { name: 'january/', bytes: Buffer.alloc(0) },
        { name: `january/${NAME}`, bytes },
        { name: `__MACOSX/._${NAME}`, bytes: Buffer.from('x') },
        { name: '../../20220111_220824_cp_data_cities.json.gz', bytes: gzipSync(bytes) },
        { name: 'C:\\polls\\20220111_221824_cp_data_cities.json', bytes },
        { name: '/20220111_222824_cp_data_cities.json', bytes },
      ]),
    });
    expect(summary).toMatchObject({ files: 4, stored: 8, failed: [] });
    const [kiel = ''] = await keysBelow(store, 'polls/kiel/2022-01-11/20220111T2100Z/');
    expect((await getRaw(store, kiel)).meta.file).toBe('20220111_220824_cp_data_cities.json.gz');
  });

  it('loses nothing but its bad entries, each named with its reason', async () => {
    const { summary } = await imported({
      'polls.zip': zipArchive([
        { name: 'README', bytes },
        { name: 'inner.zip', bytes: zipArchive([{ name: NAME, bytes }]) },
        { name: '20220111_220824_cp_data_cities.json', bytes, checksum: 1 },
        { name: '20220111_221824_cp_data_cities.json', bytes, flags: 1 },
        { name: '20220111_222824_cp_data_cities.json', bytes: bytes.subarray(0, -5) },
        { name: NAME, bytes },
      ]),
    });
    expect(summary).toMatchObject({ files: 2, stored: 3 });
    expect(summary.failed.map(({ file, reason }) => `${file.split('.zip/')[1] ?? ''} ${reason}`)).toEqual([
      expect.stringMatching(/^20220111_220824.* is damaged: its checksum/),
      expect.stringMatching(/^20220111_221824.* can't be read from the zip: .*encrypted/),
      expect.stringMatching(/^20220111_222824.* is cut short after byte \d+; .*: 1$/),
      expect.stringMatching(/^README is not named like a poll file/),
      expect.stringMatching(/^inner.zip is not named like a poll file/),
    ]);
  });

  it('is named when its end is missing', async () => {
    const whole = zipArchive([{ name: NAME, bytes }]);
    const { reasons } = await imported({ 'polls.zip': whole.subarray(0, -10) });
    expect(reasons).toEqual([expect.stringMatching(/^can't be read from the zip: /)]);
  });

  it('is read up to the place where its list of entries is broken', async () => {
    const whole = zipArchive([
      { name: NAME, bytes },
      { name: '20220111_220824_cp_data_cities.json', bytes },
    ]);
    whole[whole.lastIndexOf('PK\u0001\u0002')] = 0;
    const { summary, reasons } = await imported({ 'polls.zip': whole });
    expect(summary).toMatchObject({ files: 1, stored: 2 });
    expect(reasons).toEqual([
      expect.stringMatching(/^can't be read from the zip: .*; the files before this position were read$/),
    ]);
  });
});

describe('an import', () => {
  it('tells how far it is', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, NAME), POLL);
    await writeFile(
      join(folder, 'polls.zip'),
      zipArchive([
        { name: '20220111_220824_cp_data_cities.json', bytes: Buffer.from(POLL) },
        { name: '20220111_221824_cp_data_cities.json', bytes: Buffer.from(POLL) },
      ]),
    );
    const seen: unknown[] = [];
    await importFiles([folder], await emptyRawStore(), { onProgress: (progress) => seen.push(progress) });
    expect(seen).toHaveLength(3);
    expect(seen.at(-1)).toEqual({ filesDone: 3, filesFound: 3, bodies: 6 });
  });

  it('stops when it is told to', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, NAME), POLL);
    const stop = new AbortController();
    stop.abort(new Error('stopped'));
    await expect(importFiles([folder], await emptyRawStore(), { signal: stop.signal })).rejects.toThrow(
      'stopped',
    );
  });
});

/** Overwrite bytes in the middle of compressed data. */
function damaged(bytes: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, 30), Buffer.alloc(10, 0xff), bytes.subarray(40)]);
}
