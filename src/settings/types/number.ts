import { type ValueType, valueType } from './valueType.js';

/**
 * A whole number, in decimal digits.
 *
 * @param unit unit of the number, such as `threads`; absent if the number counts nothing, such as a port
 */
export function wholeNumber(least: number, most: number, unit?: string): ValueType<number> {
  return valueType({
    allowed: `a whole number from ${least} to ${most}`,
    ...(unit !== undefined && { unit }),
    read(text) {
      const number = /^\d+$/.test(text) ? Number(text) : NaN;
      return number >= least && number <= most ? number : undefined;
    },
  });
}

/** A TCP port. */
export const port = wholeNumber(1, 65_535);

/** A percentage. The value is a share from 0 to 1. */
export const share: ValueType<number> = valueType({
  allowed: 'a percentage from 1% to 100%',
  unit: '%',
  read(text) {
    const number = /^\d+%$/.test(text) ? Number.parseInt(text, 10) / 100 : NaN;
    return number > 0 && number <= 1 ? number : undefined;
  },
});
