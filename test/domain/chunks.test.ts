import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  bytesByHour,
  CHUNK_SIZES,
  describeSlice,
  type FeedSize,
  isInSlice,
  planChunks,
} from '../../src/domain/chunks.js';

const HOUR = 3_600_000;
const MIDNIGHT = Date.UTC(2022, 0, 10, 23);

/** Return a feed whose answers have the same size in every hour of its day. */
function evenly(feed: string, bytesADay: number): FeedSize {
  const hours = Array.from({ length: 24 }, (_, hour) => ({
    slot: MIDNIGHT + hour * HOUR,
    bytes: bytesADay / 24,
  }));
  return { feed, bytes: bytesByHour(hours) };
}

it('a small day is one chunk', () => {
  expect(planChunks([evenly('bonn', 5_000), evenly('koeln', 90_000)])).toEqual([
    [{ feed: 'koeln' }, { feed: 'bonn' }],
  ]);
});

it('a day of 38 feeds is shared out to many workers, the largest feeds first and by themselves', () => {
  const feeds = Array.from({ length: 38 }, (_, index) => evenly(`feed-${index}`, index === 7 ? 43e6 : 6e6));
  const chunks = planChunks(feeds);
  expect(chunks[0]).toEqual([{ feed: 'feed-7' }]);
  expect(chunks.length).toBeGreaterThan(20);
});

it('a feed too large for a chunk is divided at full hours', () => {
  const chunks = planChunks([evenly('germany', 24 * 30e6)]);
  expect(chunks).toHaveLength(12);
  const hours = chunks.flat().map((slice) => slice.hours?.from ?? 0);
  expect(hours.sort()).toEqual(Array.from({ length: 12 }, (_, index) => MIDNIGHT + index * 2 * HOUR));
  expect(describeSlice(chunks.flat().find(({ hours }) => hours?.from === MIDNIGHT) ?? { feed: '' })).toBe(
    'germany from 2022-01-10T23:00Z',
  );
});

it('a day of nothing has no chunks', () => {
  expect(planChunks([])).toEqual([]);
});

it('every answer is in one slice, and a chunk is no larger than it may be, or one hour of one feed', () => {
  const answers = fc.array(
    fc.record({ slot: fc.nat(150).map((slot) => MIDNIGHT + slot * 600_000), bytes: fc.nat(1_000) }),
    { minLength: 1 },
  );
  const sizes = fc.record({
    maxBytes: fc.integer({ min: 1, max: 20_000 }),
    chunks: fc.integer({ min: 1, max: 8 }),
    minBytes: fc.integer({ min: 1, max: 2_000 }),
  });
  fc.assert(
    fc.property(fc.array(answers, { maxLength: 8 }), sizes, (feeds, limits) => {
      const sizesOf = feeds.map((each, index) => ({ feed: `feed-${index}`, bytes: bytesByHour(each) }));
      const chunks = planChunks(sizesOf, limits);
      for (const [index, each] of feeds.entries()) {
        const slices = chunks.flat().filter(({ feed }) => feed === `feed-${index}`);
        for (const { slot } of each) expect(slices.filter((slice) => isInSlice(slice, slot))).toHaveLength(1);
      }
      for (const chunk of chunks) {
        const inChunk = chunk.flatMap((slice) =>
          (feeds[Number(slice.feed.slice(5))] ?? []).filter(({ slot }) => isInSlice(slice, slot)),
        );
        const bytes = inChunk.reduce((sum, answer) => sum + answer.bytes, 0);
        const hours = new Set(inChunk.map(({ slot }) => Math.floor(slot / HOUR)));
        if (chunk.length > 1 || hours.size > 1) expect(bytes).toBeLessThanOrEqual(limits.maxBytes);
      }
    }),
  );
});

it('a chunk of the usual size is small enough for a worker’s memory, whatever the day', () => {
  const chunks = planChunks(Array.from({ length: 3_800 }, (_, index) => evenly(`feed-${index}`, 7.2e6)));
  expect(chunks.length).toBeGreaterThanOrEqual((3_800 * 7.2e6) / CHUNK_SIZES.maxBytes);
  expect(chunks.length).toBeLessThan(500);
});
