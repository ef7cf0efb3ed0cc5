/** Returns the next number of a sequence of numbers in [0, 1). */
export type Random = () => number;

/**
 * Create the sequence of a 32-bit seed, by mulberry32. The algorithm is small, fast, the same on every machine, and
 * good enough for a simulation.
 */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Hash whole numbers to an unsigned 32-bit number, by murmur3's mixing. Used as the seed of the thing that they
 * identify.
 */
export function hash(...parts: number[]): number {
  let mixed = 0x9747b28c;
  for (const part of parts) {
    // Both halves are mixed, because an instant in milliseconds has more than 32 bits.
    mixed = mix(mixed, part | 0);
    mixed = mix(mixed, Math.floor(part / 2 ** 32) | 0);
  }
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function mix(mixed: number, part: number): number {
  let block = Math.imul(part, 0xcc9e2d51);
  block = Math.imul((block << 15) | (block >>> 17), 0x1b873593);
  const turned = mixed ^ block;
  return (Math.imul((turned << 13) | (turned >>> 19), 5) + 0xe6546b64) | 0;
}

/** Hash a text to an unsigned 32-bit number. */
export function hashText(text: string): number {
  return hash(...Buffer.from(text));
}

/** Return a waiting time of the exponential distribution with the given mean. */
export function exponential(random: Random, mean: number): number {
  return -Math.log(1 - random()) * mean;
}

/** Return a number between two bounds whose logarithm is uniformly distributed: often small, sometimes large. */
export function logUniform(random: Random, least: number, most: number): number {
  return least * (most / least) ** random();
}

/**
 * Return one of the values, each with the same probability.
 *
 * @throws RangeError when there are no values
 */
export function pick<Value>(random: Random, values: readonly Value[]): Value {
  const value = values[Math.floor(random() * values.length)];
  if (value === undefined) throw new RangeError('there is nothing to pick from');
  return value;
}

/** Return one of the values, with the probability of its weight. The sum of the weights is 1. */
export function pickWeighted<Value>(
  random: Random,
  values: readonly [[number, Value], ...[number, Value][]],
): Value {
  let rest = random();
  for (const [weight, value] of values) {
    rest -= weight;
    if (rest < 0) return value;
  }
  return values[0][1];
}
