import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, constants } from 'node:zlib';
import { pack } from 'tar-stream';
import { describe, expect, it, vi } from 'vitest';
import { UnreadableObject } from '../../../src/stores/rawObject.js';
import { Archive } from '../../../src/stores/sealed/archive.js';
import type { Store } from '../../../src/stores/store.js';

const NAMES = ['index.json', 'polls/koeln/first.json', `polls/${'x'.repeat(64)}/${'y'.repeat(90)}.json`];
/** Contents of three kinds: larger than a chunk, smaller than a block, and an exact number of blocks. */
const CONTENTS = [Buffer.alloc(3_000_001, 'index '), Buffer.from('first'), Buffer.alloc(1024, 'second ')];
const BLOCK_BYTES = 512;

async function tarOf(names = NAMES): Promise<Buffer> {
  const archive = pack();
  for (const [i, name] of names.entries())
    archive.entry({ name, mtime: new Date(0) }, CONTENTS[i % CONTENTS.length] ?? '');
  archive.finalize();
  return buffer(archive as AsyncIterable<Buffer>);
}

function open(stored: Readable): Promise<Archive> {
  return Archive.open({ getStream: () => Promise.resolve(stored) } as unknown as Store, 'sealed/x');
}

/** Read the whole archive, and check contents and end. */
async function readAll(stored: Readable): Promise<void> {
  const archive = await open(stored);
  try {
    for (const [i, name] of NAMES.entries())
      expect((await archive.read(name)).equals(CONTENTS[i] ?? Buffer.alloc(0)), name).toBe(true);
    await archive.expectEnd();
  } finally {
    archive.close();
  }
}

const brotli = (tar: Buffer) => brotliCompressSync(tar, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
const inPieces = (bytes: Buffer, length: number) =>
  Readable.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
    })(),
    { objectMode: false },
  );
const compressed = (tar: Buffer) => inPieces(brotli(tar), 10_000);

it('gives the files in their order, and passes over others', async () => {
  const stored = brotli(await tarOf());
  for (const length of [1, 7, 100_000]) await readAll(inPieces(stored, length));
  const archive = await open(inPieces(stored, 10));
  for (const name of NAMES.slice(0, 2)) await archive.skip(name);
  expect(await archive.read(NAMES[2] ?? '')).toEqual(CONTENTS[2]);
  await archive.expectEnd();
});

describe('an archive that is damaged is unreadable', () => {
  it('where the compressed bytes are cut, wherever', async () => {
    const stored = brotli(await tarOf());
    for (let length = stored.length - 1; length >= 0; length -= 7) {
      const reading = readAll(inPieces(stored.subarray(0, length), 100));
      await expect(reading, `${length} bytes`).rejects.toThrow(UnreadableObject);
    }
  });

  it('where it was cut before it was compressed, but for the blocks of zeros that end it', async () => {
    const tar = await tarOf();
    const filesEnd = tar.length - 2 * BLOCK_BYTES;
    for (const length of [0, 1, 511, 512, 513, 2_000_000, filesEnd - 1024, filesEnd - 1, filesEnd + 1]) {
      const reading = readAll(compressed(tar.subarray(0, length)));
      await expect(reading, `${length} bytes`).rejects.toThrow(UnreadableObject);
    }
    await readAll(compressed(tar.subarray(0, filesEnd)));
  });

  it.each<[string, (tar: Buffer) => Buffer, string]>([
    [
      'a header is another',
      (tar) => Buffer.concat([Buffer.from('I'), tar.subarray(1)]),
      'Invalid tar header',
    ],
    ['it goes on behind its end', (tar) => Buffer.concat([tar, Buffer.from('x')]), 'Unexpected end of data'],
    ['it goes on with no header', (tar) => Buffer.concat([tar, Buffer.alloc(512, 1)]), 'Invalid tar header'],
  ])('where %s', async (_, damage, reason) => {
    const reading = readAll(compressed(damage(await tarOf())));
    await expect(reading).rejects.toThrow(UnreadableObject);
    await expect(reading).rejects.toThrow(`sealed/x is damaged (${reason}`);
  });

  it('where it has other files', async () => {
    const others = readAll(compressed(await tarOf([...NAMES, 'more'])));
    await expect(others).rejects.toThrow('sealed/x is damaged (unexpected file more after the last answer)');
    const fewer = readAll(compressed(await tarOf(NAMES.slice(0, 2))));
    await expect(fewer).rejects.toThrow(`(expected file ${NAMES[2]}, found the end)`);
    const swapped = readAll(compressed(await tarOf(NAMES.toReversed())));
    await expect(swapped).rejects.toThrow(`(expected file ${NAMES[0]}, found ${NAMES[2]})`);
  });

  it('for all that follows', async () => {
    const archive = await open(compressed(await tarOf()));
    const wrong = archive.read('wrong');
    await expect(wrong).rejects.toThrow(UnreadableObject);
    const again = [archive.read(NAMES[0] ?? ''), archive.skip(NAMES[1] ?? ''), archive.expectEnd()];
    for (const { reason } of (await Promise.allSettled(again)) as PromiseRejectedResult[])
      await expect(wrong).rejects.toBe(reason);
    archive.close();
  });
});

describe('a store that fails', () => {
  it.each([new Error('reset'), undefined])('is reported as it is: %o', async (reset) => {
    const stored = brotli(await tarOf());
    const source = new Readable({ read: () => undefined });
    source.push(stored.subarray(0, stored.length / 2));
    const reading = readAll(source);
    await sleep(1);
    source.destroy(reset);
    await expect(reading).rejects.toThrow(reset ?? 'Premature close');
    await expect(reading).rejects.not.toThrow(UnreadableObject);
  });

  it('is not taken for one where its object is damaged', async () => {
    const endless = new Readable({ read: () => undefined });
    endless.push(Buffer.alloc(1000, 0xff));
    await expect(readAll(endless)).rejects.toThrow(UnreadableObject);
    expect(endless.destroyed).toBe(true);
  });
});

describe('closed before its end', () => {
  const large = async () => {
    const archive = pack();
    archive.entry({ name: 'index.json' }, 'index');
    archive.entry({ name: 'noise' }, randomBytes(8_000_000));
    archive.finalize();
    return brotli(await buffer(archive as AsyncIterable<Buffer>));
  };

  it.each([
    ['before a header', 10, ['rejected', 'rejected']],
    ['within a content', 6_000_000, ['fulfilled', 'rejected']],
  ])('leaves nothing open %s', async (_, length, statuses) => {
    const source = new Readable({ read: () => undefined });
    source.push((await large()).subarray(0, length));
    const archive = await open(source);
    const index = archive.skip('index.json');
    const reading = index.then(() => archive.read('noise'));
    await sleep(100);
    archive.close();
    const results = await Promise.allSettled([index, reading]);
    expect(results.map(({ status }) => status)).toEqual(statuses);
    await expect(reading).rejects.toThrow('sealed/x was closed');
    await expect(archive.read('more')).rejects.toThrow('sealed/x was closed');
    await vi.waitFor(() => expect(source.destroyed).toBe(true));
  });

  it('has read no more than was asked for', async () => {
    const stored = await large();
    let bytesRead = 0;
    const source = inPieces(stored, 10_000).on('data', ({ length }: Buffer) => (bytesRead += length));
    source.pause();
    const archive = await open(source);
    expect((await archive.read('index.json')).toString()).toBe('index');
    await sleep(20);
    expect(bytesRead).toBeGreaterThan(0);
    expect(bytesRead).toBeLessThan(stored.length / 2);
    archive.close();
  });
});
