import fc from 'fast-check';
import { CHUNK_SIZES } from '../../../src/domain/chunks.js';
import { SMALL_CHUNKS } from '../support/loads.js';

/** Options for half of the 10,000 fleets of a long run. The two halves run on two processors. */
export const MANY = {
  fleets: { few: 5_000, all: 5_000 },
  sideBySide: 100,
  chunkSizes: fc.oneof(
    { arbitrary: fc.constant(CHUNK_SIZES), weight: 19 },
    { arbitrary: fc.constant(SMALL_CHUNKS), weight: 1 },
  ),
};
