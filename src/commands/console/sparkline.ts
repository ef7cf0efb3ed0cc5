const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/**
 * Draw values as a line of block characters, scaled from the lowest to the highest value. An unknown value is a blank.
 */
export function sparkline(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const height = (value: number) => Math.round(((value - low) / (high - low || 1)) * (BLOCKS.length - 1));
  return values.map((value) => (value === null ? ' ' : BLOCKS[height(value)])).join('');
}

/** Draw a value as a horizontal bar. The highest value has the full width, in characters. */
export function bar(value: number | null, highest: number, width: number): string {
  return value === null || highest <= 0 ? '' : '█'.repeat(Math.round((value / highest) * width));
}
