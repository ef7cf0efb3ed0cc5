import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jsonMembers } from '../../src/simulation/feed/jsonMembers.js';
import { replayDocument, replayPolls } from '../../src/simulation/feed/recordedPolls.js';

const RECORDED = fileURLToPath(new URL('../../../shared/feeds', import.meta.url));
const ANSWERED_MS = Date.UTC(2026, 6, 1, 10, 0, 1, 500);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ladepuls-replay-'));
});
afterEach(() => rm(folder, { recursive: true }));

const ask = (feed: string, count: number) => ({
  feed,
  count,
  statusMs: ANSWERED_MS,
  answeredMs: ANSWERED_MS,
});

async function writePolls(): Promise<void> {
  const envelope = (n: number) =>
    `{"data": [ {"timestamp": ${n}} ],  "timestamp": "2022-01-11T21:5${n}:25+01:00"}`;
  await writeFile(path.join(folder, '20220111_215825_cp_data_cities.json'), `{"a": ${envelope(0)}, "b": {}}`);
  const zipped = gzipSync(`{ "a":${envelope(1)} }`);
  await writeFile(path.join(folder, '20220111_220825+0100_cp_data_cities.json.gz'), zipped);
  await writeFile(path.join(folder, 'notes.txt'), 'no poll');
}

describe('the members of a JSON text', () => {
  it('are found at its top, to the character', () => {
    const text = ' { "a\\u00e4" : [1, {"x": 2}],\n"b":"\\"},", "c": {} , "d":-1.5e3,"e":null} ';
    const members = [...jsonMembers(text)].map(([name, { start, end }]) => [name, text.slice(start, end)]);
    expect(members).toEqual([
      ['aä', '[1, {"x": 2}]'],
      ['b', '"\\"},"'],
      ['c', '{}'],
      ['d', '-1.5e3'],
      ['e', 'null'],
    ]);
  });

  it.each(['', '[{"a":1}]', '{"a": [1, 2', '{"a": 1}}', '{"a" 1}', '"a"', '{"a": tru}'])(
    'are none in %s',
    (text) => {
      expect(() => jsonMembers(text)).toThrow(RangeError);
    },
  );
});

describe('recorded polls', () => {
  it('are answered one after the other by name, to the byte but for the timestamp, then the last one stays', async () => {
    await writePolls();
    const content = await replayPolls({ paths: [folder], afterLast: 'stay' });
    expect(content.feeds).toEqual(['a', 'b']);
    const moved = (n: number) =>
      `{"data": [ {"timestamp": ${n}} ],  "timestamp": "2026-07-01T12:00:01+02:00"}`;
    for (const [count, n] of [0, 1, 1, 1].entries())
      expect(await content.answer(ask('a', count))).toBe(moved(n));
    expect(await content.answer(ask('b', 0))).toBe('{}');
    expect(await content.answer(ask('b', 1))).toBeNull();
  });

  it('begin again where they are to', async () => {
    await writePolls();
    const content = await replayPolls({ paths: [folder], afterLast: 'loop' });
    const [first, second, third] = await Promise.all(
      [0, 1, 2].map((count) => content.answer(ask('a', count))),
    );
    expect(third).toBe(first);
    expect(second).not.toBe(first);
  });

  it('are refused when there are none, one is misnamed or one is broken', async () => {
    await expect(replayPolls({ paths: [folder], afterLast: 'stay' })).rejects.toThrow('no file named like');
    const misnamed = path.join(folder, 'poll.json');
    await writeFile(misnamed, '{}');
    await expect(replayPolls({ paths: [misnamed], afterLast: 'stay' })).rejects.toThrow(
      'poll.json is not named',
    );
    await writeFile(path.join(folder, '20220111_215825_cp_data_cities.json'), '{"a": {"data": [');
    await expect(replayPolls({ paths: [folder], afterLast: 'stay' })).rejects.toThrow('is not a poll file');
  });

  it.skipIf(!existsSync(RECORDED))(
    'of the real feeds: all 38, every byte but the timestamp (skipped without the recordings)',
    async () => {
      const content = await replayPolls({ paths: [RECORDED], afterLast: 'stay' });
      expect(content.feeds).toHaveLength(38);
      const names = ['20220111_215824_cp_data_cities.json.gz', '20220111_220822_cp_data_cities.json.gz'];
      for (const [count, name] of names.entries()) {
        const text = gunzipSync(await readFile(path.join(RECORDED, name))).toString();
        const stamp = /"timestamp": "[^"]*"/g;
        let rebuilt = '';
        for (const feed of content.feeds) {
          rebuilt += `${rebuilt ? ', ' : '{'}"${feed}": ${(await content.answer(ask(feed, count))) ?? ''}`;
        }
        expect(rebuilt.match(/"timestamp": "2026-07-01T12:00:01\+02:00"/g)).toHaveLength(38);
        const digest = (whole: string) =>
          createHash('sha256').update(whole.replaceAll(stamp, '')).digest('hex');
        expect(digest(`${rebuilt}}`)).toBe(digest(text));
      }
    },
  );
});

describe('a recorded document', () => {
  it('is answered as it is, its timestamp moved', async () => {
    const file = path.join(folder, 'ocpi.json');
    await writeFile(
      file,
      '{"status_code": 1000,\n "timestamp": "2022-12-24T12:39:05+01:00", "data": [{"id": "ä"}]}\n',
    );
    const content = await replayDocument('herrenberg', file);
    expect(content.feeds).toEqual(['herrenberg']);
    expect(await content.answer(ask('herrenberg', 7))).toBe(
      '{"status_code": 1000,\n "timestamp": "2026-07-01T12:00:01+02:00", "data": [{"id": "ä"}]}\n',
    );
  });
});
