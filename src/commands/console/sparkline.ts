const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** Values as a line of blocks, from the lowest of them to the highest; what is not known is a blank. */
export function sparkline(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const height = (value: number) => Math.round(((value - low) / (high - low || 1)) * (BLOCKS.length - 1));
  return values.map((value) => (value === null ? ' ' : BLOCKS[height(value)])).join('');
}

/** A value as a bar; the highest one has the full width, in characters. */
export function bar(value: number | null, highest: number, width: number): string {
  return value === null || highest <= 0 ? '' : '█'.repeat(Math.round((value / highest) * width));
}
