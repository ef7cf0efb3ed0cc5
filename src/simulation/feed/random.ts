/** A sequence of numbers in [0, 1). */
export type Random = () => number;

/**
 * The sequence of a 32-bit seed, by mulberry32: small, fast, the same on every machine, and by far
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

/** An unsigned 32-bit hash of whole numbers, by murmur3's mixing: the seed of whatever they name. */
export function hash(...parts: number[]): number {
  let mixed = 0x9747b28c;
  for (const part of parts) {
    // Both halves: an instant in milliseconds has more than 32 bits.
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

/** An unsigned 32-bit hash of a text. */
export function hashText(text: string): number {
  return hash(...Buffer.from(text));
}

/** A waiting time of the given mean, of the kind that has no memory. */
export function exponential(random: Random, mean: number): number {
  return -Math.log(1 - random()) * mean;
}

/** A number between two bounds whose logarithm is evenly spread: small ones often, large ones sometimes. */
export function logUniform(random: Random, least: number, most: number): number {
  return least * (most / least) ** random();
}

/** One of the values, which must not be none. */
export function pick<Value>(random: Random, values: readonly Value[]): Value {
  const value = values[Math.floor(random() * values.length)];
  if (value === undefined) throw new RangeError('there is nothing to pick from');
  return value;
}

/** One of the values, each as often as its weight says; the weights' sum is 1. */
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
