import { type ValueType, valueType } from './valueType.js';

const SIZE = /^0*[1-9]\d*(kB|MB|GB)$/;
/** Decimal units, as usual for disks and networks. */
const BYTES: Readonly<Record<string, number>> = { kB: 1e3, MB: 1e6, GB: 1e9 };
const UNIT = 'kB, MB or GB';

const bytesOf = (text: string): number => Number.parseInt(text, 10) * (BYTES[text.slice(-2)] ?? NaN);

/** A size. The value is in bytes. */
export const size: ValueType<number> = valueType({
  allowed: 'a size such as 500kB, 32MB or 1GB',
  unit: UNIT,
  read: (text) => (SIZE.test(text) ? bytesOf(text) : undefined),
});

/** A size, or `off`. The value is in bytes, and 0 for `off`. */
export const sizeOrOff: ValueType<number> = valueType({
  allowed: 'a size such as 500MB or 1GB, or off',
  unit: UNIT,
  read(text) {
    if (text === 'off') return 0;
    return SIZE.test(text) ? bytesOf(text) : undefined;
  },
});
