import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { rawKey } from '../../../src/stores/rawObject.js';
import type { SealedAnswer, SealedIndex } from '../../../src/stores/sealed/sealedIndex.js';
import { putSealed } from '../../../src/stores/sealed/sealedObject.js';
import type { Store } from '../../../src/stores/store.js';
import { DAY, slotAt } from './support/day.js';

const COUNT = 100;
const BODY_BYTES = 100_000;
const index: SealedIndex = {
  feed: 'koeln',
  day: DAY,
  answers: Array.from({ length: COUNT }, answer),
  outcomes: [],
};

function answer(_: unknown, slotIndex: number): SealedAnswer {
  const slot = slotAt(slotIndex);
  const identity = {
    kind: 'accepted',
    feed: 'koeln',
    day: DAY,
    slot,
    receivedMs: slot,
    digest: '0'.repeat(16),
  } as const;
  return { ...identity, key: rawKey(identity), length: BODY_BYTES, reason: null };
}

/** Yield contents that hardly compress, and count how many were requested. */
function contents({ fails = false } = {}) {
  const asked = { count: 0, isOver: false };
  const generate = async function* () {
    try {
      while (asked.count < COUNT) {
        await Promise.resolve();
        if (fails && asked.count === COUNT / 2) throw new Error('unreadable');
        asked.count++;
        yield randomBytes(BODY_BYTES);
      }
    } finally {
      asked.isOver = true;
    }
  };
  return { asked, contents: generate() };
}

type Put = (body: Readable) => Promise<unknown>;
const put = (putNewStream: Put, from: AsyncIterable<Buffer>) =>
  putSealed(
    { putNewStream: (_: string, body: Readable) => putNewStream(body) } as unknown as Store,
    'x',
    index,
    from,
  );

it('asks for contents as fast as the store takes them', async () => {
  const { asked, contents: from } = contents();
  let stored = 0;
  let askedBefore = NaN;
  const slow: Put = async (body) => {
    await vi.waitFor(() => expect(asked.count).toBeGreaterThan(0));
    await sleep(100);
    askedBefore = asked.count;
    stored = (await buffer(body)).length;
  };
  await put(slow, from);
  expect(askedBefore).toBeLessThan(COUNT / 4);
  expect(asked).toEqual({ count: COUNT, isOver: true });
  expect(stored).toBeGreaterThan(COUNT * BODY_BYTES);
});

it('reports contents that fail in their own words, and the store gets no whole object', async () => {
  const { asked, contents: from } = contents({ fails: true });
  const reading = vi.fn(async (body: Readable) => {
    try {
      await buffer(body);
    } catch (error) {
      throw new Error('can’t be written', { cause: error });
    }
  });
  await expect(put(reading, from)).rejects.toThrow('unreadable');
  await expect(reading.mock.results[0]?.value).rejects.toThrow('can’t be written');
  expect(asked).toEqual({ count: COUNT / 2, isOver: true });
});

describe('a store that fails', () => {
  const full = new Error('no space left');
  it.each<[string, Put]>([
    ['at once', () => Promise.reject(full)],
    ['later, and leaves the stream standing', () => sleep(50).then(() => Promise.reject(full))],
    [
      'midway, and ends the stream with its error',
      async (body) => {
        await once(body, 'readable');
        body.destroy(full);
        throw full;
      },
    ],
    [
      'midway, and closes the stream long before it reports that',
      async (body) => {
        await once(body, 'readable');
        body.destroy();
        await sleep(50);
        throw full;
      },
    ],
  ])('%s: its error is reported, and contents are closed', async (_, failing) => {
    const { asked, contents: from } = contents();
    await expect(put(failing, from)).rejects.toBe(full);
    expect(asked.isOver).toBe(true);
    expect(asked.count).toBeLessThan(COUNT);
  });
});
